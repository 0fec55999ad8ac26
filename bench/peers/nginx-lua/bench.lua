-- The nginx peer's side: the works as they are, over a `cache` on ngx.shared (shared memory, strings only, tables as
-- JSON with a flag) or on lua-resty-lrucache (this process only; values by reference, nothing is copied).

local cjson = require "cjson"
local JSON_FLAG = 1

local bench = {}
local prefix

local function shared_cache()
  local entries = ngx.shared.entries
  local get, set, encode, decode = entries.get, entries.set, cjson.encode, cjson.decode
  local function store(key, value, ttl_seconds)
    if type(value) == "table" then
      return (set(entries, prefix .. ":" .. key, encode(value), ttl_seconds, JSON_FLAG))
    end
    return (set(entries, prefix .. ":" .. key, value, ttl_seconds))
  end
  return {
    get = function(key, default)
      local value, flag = get(entries, prefix .. ":" .. key)
      if value == nil then return default end
      if flag == JSON_FLAG then return decode(value) end
      return value
    end,
    put = function(key, value) return store(key, value, 0) end,
    put_ttl = store,
  }
end

local function worker_cache()
  local entries = require("resty.lrucache").new(50000)
  local function store(key, value, ttl_seconds)
    entries:set(prefix .. ":" .. key, value, ttl_seconds)
    return true
  end
  return {
    get = function(key, default)
      local value = entries:get(prefix .. ":" .. key)
      if value == nil then return default end
      return value
    end,
    put = function(key, value) return store(key, value, nil) end,
    put_ttl = store,
  }
end

-- Loads one work; its globals and the cache are in an environment of their own.
function bench.load(file, kind)
  local names = { cache = kind == "shared" and shared_cache() or worker_cache() }
  setmetatable(names, { __index = _G })
  local chunk = assert(loadfile(file))
  setfenv(chunk, names)()
  bench.names = names
end

-- POST { name, args, prefix } → [ results … ]
function bench.call()
  ngx.req.read_body()
  local order = cjson.decode(ngx.req.get_body_data())
  prefix = order.prefix
  ngx.print(cjson.encode({ bench.names[order.name](unpack(order.args)) }))
end

-- GET /limit/<user> → 200 or 429
function bench.limit(user)
  prefix = "tenant_123"
  local limit = user:sub(1, 5) == "once-" and 1 or 1e9
  local allowed = bench.names.check_rate_limit(user, limit, 3600)
  ngx.status = allowed and 200 or 429
  ngx.header["content-type"] = "text/plain"
  ngx.header["content-length"] = 7
  ngx.print(allowed and "allowed" or "refused")
end

return bench
