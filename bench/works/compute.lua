-- Pure computing: no cache, no host. Each function does its work `times` times and returns something to check.
-- Runs as it stands on Lua 5.1 to 5.4 and LuaJIT.

local function fibonacci(n)
  if n < 2 then return n end
  return fibonacci(n - 1) + fibonacci(n - 2)
end

function fib(times)
  local sum = 0
  for _ = 1, times do sum = sum + fibonacci(20) end
  return sum
end

function strings(times)
  local length = 0
  for _ = 1, times do
    local parts = {}
    for i = 1, 100 do parts[i] = ("%d:%s"):format(i, ("key"):rep(3)) end
    local text = table.concat(parts, ","):upper():gsub("KEY", "value")
    for word in text:gmatch("%d+:(%a+)") do length = length + #word end
  end
  return length
end

function sort(times)
  local sum = 0
  for _ = 1, times do
    local list, seed = {}, 42
    for i = 1, 300 do
      seed = (seed * 1103 + 12345) % 65536
      list[i] = seed
    end
    table.sort(list)
    sum = sum + list[1] + list[150]
  end
  return sum
end

function spin(times)
  local sum = 0
  for i = 1, times do sum = sum + i % 7 end
  return sum
end

function tables(times)
  local sum = 0
  for _ = 1, times do
    local rows = {}
    for i = 1, 50 do rows[i] = { id = i, name = "user", tags = { i, i + 1 } } end
    for i, row in ipairs(rows) do
      for _, value in pairs(row) do if value == i then sum = sum + value end end
      sum = sum + #row.tags
    end
  end
  return sum
end
