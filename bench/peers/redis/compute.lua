-- works/compute.lua stands above this; here its functions get Redis' kind of arguments. While a library loads, Redis
-- has no `pairs` or `tonumber`, so each is wrapped by itself.

local function counted(work)
  return function(_, args) return work(tonumber(args[1])) end
end
fib, strings, sort, spin = counted(fib), counted(strings), counted(sort), counted(spin)
