-- Reads in a run: `times` gets of one key.

function read(key, times)
  local get, value = cache.get, nil
  for _ = 1, times do value = get(key, "absent") end
  return value
end
function write(key, value) return cache.put(key, value) end
