-- Does it stay as fast when there is more of everything? Up to 50,000 entries, whose keys are made once, while loading.

local MAX_ENTRIES = 50000
local keys = {}
for i = 1, MAX_ENTRIES do keys[i] = "user:" .. i end

-- Entries `first` to `last`, each value of `bytes` bytes.
function fill(first, last, bytes)
  local value = ("x"):rep(bytes)
  for i = first, last do cache.put(keys[i], value) end
  return #cache.get(keys[last])
end

-- 1,000 keys, spread evenly over the first `count`.
function read_hot(count, times)
  local get, step = cache.get, math.floor(count / 1000)
  local value
  for i = 1, times do value = get(keys[i % 1000 * step + 1]) end
  return #value
end

-- All of the first `count`, in an order in which neighbours do not follow each other.
function read_all(count, times)
  local get = cache.get
  local value
  for i = 1, times do value = get(keys[i * 7919 % count + 1]) end
  return #value
end
