-- works/session.lua in Redis' own words: the session as JSON. keys[1] is the tenant's prefix.

function visit(keys, args)
  local key = keys[1] .. ":session:" .. args[1]
  local stored = redis.call("GET", key)
  local now = tonumber(redis.call("TIME")[1])
  local session = stored and cjson.decode(stored) or { user_id = args[2], created_at = now, visits = 0 }
  session.visits = session.visits + 1
  session.last_activity = now
  redis.call("SET", key, cjson.encode(session), "EX", 86400)
  return session.visits
end
