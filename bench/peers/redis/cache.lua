-- works/cache.lua in Redis' own words: GET, SET, SET EX; the profile as JSON. keys[1] is the tenant's prefix.

local names, timed, absent = {}, {}, {}
for i = 1, 1000 do
  names[i], timed[i], absent[i] = ":user:" .. i, ":session:" .. i, ":nobody:" .. i
end
local sets = { keys = names, timed = timed, absent = absent }
local profile = {
  id = 123, name = "John Doe", email = "john@example.com", age = 42, active = true, score = 99.5, created = 1700000000,
  preferences = { theme = "dark", language = "en", notifications = { email = true, sms = false, push = true } },
  roles = { "user", "admin", "editor" },
  address = { street = "Main Street 1", city = "Springfield", zip = "12345", country = "US" },
}

function fill_in(keys, args)
  local prefix, what = keys[1], args[1]
  if what == "profile" then redis.call("SET", prefix .. ":profile", cjson.encode(profile)) end
  for i = 1, 1000 do
    if what == "keys" then redis.call("SET", prefix .. names[i], "value of user " .. i) end
    if what == "timed" then redis.call("SET", prefix .. timed[i], "value of session " .. i, "EX", 3600) end
  end
  return 1
end

function answer(keys, args)
  local prefix, what = keys[1], args[1]
  if what == "profile" then
    local found = cjson.decode(redis.call("GET", prefix .. ":profile"))
    return found.address.city .. ", " .. found.roles[3]
  end
  return redis.call("GET", prefix .. sets[what][3]) or "nothing"
end

function read(keys, args)
  local prefix, set, call = keys[1], sets[args[1]], redis.call
  local value
  for i = 1, tonumber(args[2]) do value = call("GET", prefix .. set[i % 1000 + 1]) end
  return value
end

function read_profile(keys, args)
  local prefix, call, decode = keys[1], redis.call, cjson.decode
  local value
  for _ = 1, tonumber(args[1]) do value = decode(call("GET", prefix .. ":profile")) end
  return value.name
end

function write(keys, args)
  local prefix, times, call = keys[1], tonumber(args[1]), redis.call
  for i = 1, times do call("SET", prefix .. timed[i % 1000 + 1], "value of session", "EX", 3600) end
  return call("GET", prefix .. timed[times % 1000 + 1])
end

function nine_to_one(keys, args)
  local prefix, call = keys[1], redis.call
  local value
  for i = 1, tonumber(args[1]) do
    local key = prefix .. names[i % 1000 + 1]
    if i % 10 == 0 then call("SET", key, "value", "EX", 3600) else value = call("GET", key) end
  end
  return value
end
