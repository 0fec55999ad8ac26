-- works/growth.lua in Redis' own words. keys[1] is the tenant's prefix.

local names = {}
for i = 1, 50000 do names[i] = ":user:" .. i end

function fill(keys, args)
  local prefix, value = keys[1], string.rep("x", tonumber(args[3]))
  for i = tonumber(args[1]), tonumber(args[2]) do redis.call("SET", prefix .. names[i], value) end
  return #redis.call("GET", prefix .. names[tonumber(args[2])])
end

function read_hot(keys, args)
  local prefix, step, call = keys[1], tonumber(args[1]) / 1000, redis.call
  local value
  for i = 1, tonumber(args[2]) do value = call("GET", prefix .. names[i % 1000 * step + 1]) end
  return #value
end

function read_all(keys, args)
  local prefix, count, call = keys[1], tonumber(args[1]), redis.call
  local value
  for i = 1, tonumber(args[2]) do value = call("GET", prefix .. names[i * 7919 % count + 1]) end
  return #value
end
