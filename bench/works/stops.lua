-- Runs that do not end by themselves, and the runs beside them. Printed is when it was, by the engine's clock.

-- Says when it began, and then again and again that it is still there: the last line is at most `turns` turns of an empty
-- loop older than its stop. One turn takes some 4 ns.
function endless(turns)
  print(os.clock())
  while true do
    for _ = 1, turns do end
    print(os.clock())
  end
end

function now() return os.clock() end

-- A steady tenant's run: some microseconds of computing between a read and a write.
function steady(key)
  local sum = cache.get(key, 0)
  for i = 1, 500 do sum = sum + i % 7 end
  cache.put(key, sum)
  return sum
end
