-- `check_rate_limit` as the cache module's own documentation has it: examples/seed/13-rate-limit.lua.

function check_rate_limit(user_id, limit, window_seconds)
  local key = "rate_limit:" .. user_id
  local current = cache.get(key, 0)
  if current >= limit then
    return false -- Rate limit exceeded
  end
  -- Increment counter
  cache.put_ttl(key, current + 1, window_seconds)
  return true -- Request allowed
end
