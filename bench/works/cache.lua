-- What a cache operation costs inside a script. Each function does `times` operations in one run; the loop around them
-- is part of the figure. Runs as it stands on Lua 5.1 to 5.4 and LuaJIT.

local keys, timed, absent = {}, {}, {}
for i = 1, 1000 do
  keys[i], timed[i], absent[i] = "user:" .. i, "session:" .. i, "nobody:" .. i
end
local sets = { keys = keys, timed = timed, absent = absent }
-- 20 fields and four tables inside.
local profile = {
  id = 123, name = "John Doe", email = "john@example.com", age = 42, active = true, score = 99.5, created = 1700000000,
  preferences = { theme = "dark", language = "en", notifications = { email = true, sms = false, push = true } },
  roles = { "user", "admin", "editor" },
  address = { street = "Main Street 1", city = "Springfield", zip = "12345", country = "US" },
}

-- `what` is "keys", "timed", "absent" or "profile".
function fill_in(what)
  if what == "profile" then return cache.put("profile", profile) end
  for i = 1, 1000 do
    if what == "keys" then cache.put(keys[i], "value of user " .. i) end
    if what == "timed" then cache.put_ttl(timed[i], "value of session " .. i, 3600) end
  end
  return true
end

function answer(what)
  if what == "profile" then
    local found = cache.get("profile")
    return found.address.city .. ", " .. found.roles[3]
  end
  return cache.get(sets[what][3], "nothing")
end

function read(set, times)
  local get, keys = cache.get, sets[set]
  local value
  for i = 1, times do value = get(keys[i % 1000 + 1]) end
  return value
end

function read_profile(times)
  local get = cache.get
  local value
  for _ = 1, times do value = get("profile") end
  return value.name
end

function write(times)
  local put_ttl = cache.put_ttl
  for i = 1, times do put_ttl(timed[i % 1000 + 1], "value of session", 3600) end
  return cache.get(timed[times % 1000 + 1])
end

function nine_to_one(times)
  local get, put_ttl = cache.get, cache.put_ttl
  local value
  for i = 1, times do
    local key = keys[i % 1000 + 1]
    if i % 10 == 0 then put_ttl(key, "value", 3600) else value = get(key) end
  end
  return value
end
