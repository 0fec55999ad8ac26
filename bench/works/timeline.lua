-- Reads for so many seconds, and says how many reads fell into each step of the time.

local keys = {}
for i = 1, 16 do keys[i] = "user:" .. i end

function fill()
  for i = 1, 16 do cache.put(keys[i], "value of user " .. i) end
  return cache.get(keys[16])
end

function read_along(seconds, step)
  local get, clock = cache.get, os.clock
  local counts, reads = {}, 0
  local start = clock()
  local step_ends, ends = start + step, start + seconds
  repeat
    for i = 1, 16 do get(keys[i]) end
    reads = reads + 16
    local now = clock()
    while now >= step_ends do
      counts[#counts + 1] = reads
      reads, step_ends = 0, step_ends + step
    end
  until now >= ends
  return table.concat(counts, " ")
end
