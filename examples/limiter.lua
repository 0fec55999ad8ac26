-- A rate limit that a tenant may write for itself. The server calls main with what it knows of a request:
-- { user = "ann", per_minute = 5 }. State that must last lives in the cache, under the tenant's own prefix.

function main(request)
  local key = "hits:" .. request.user
  local hits = cache.get(key, 0)
  if hits >= request.per_minute then
    return { allowed = false, remaining = 0 }
  end
  cache.put_ttl(key, hits + 1, 60)
  return { allowed = true, remaining = request.per_minute - hits - 1 }
end
