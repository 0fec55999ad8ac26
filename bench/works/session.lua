-- What a server does with each request of a visitor: find the session, or open one; note the visit; keep it for a day.

function visit(session_id, user_id)
  local key = "session:" .. session_id
  local session = cache.get(key)
  if not session then session = { user_id = user_id, created_at = os.time(), visits = 0 } end
  session.visits = session.visits + 1
  session.last_activity = os.time()
  cache.put_ttl(key, session, 86400)
  return session.visits
end
