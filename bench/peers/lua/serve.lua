-- A native Lua as a peer for pure computing: lua serve.lua <work file>. One call a line, one answer a line:
--   name number number …  →  the result

dofile(arg[1])

for line in io.lines() do
  local name, args = nil, {}
  for word in line:gmatch("%S+") do
    if name then args[#args + 1] = tonumber(word) else name = word end
  end
  io.write(string.format("%.14g\n", _G[name]((table.unpack or unpack)(args))))
  io.flush()
end
