-- works/limiter.lua in Redis' own words. keys[1] is the tenant's prefix. 1 for allowed, 0 for refused.

function check_rate_limit(keys, args)
  local key = keys[1] .. ":rate_limit:" .. args[1]
  local current = tonumber(redis.call("GET", key) or 0)
  if current >= tonumber(args[2]) then return 0 end
  redis.call("SET", key, current + 1, "PX", math.ceil(args[3] * 1000))
  return 1
end
