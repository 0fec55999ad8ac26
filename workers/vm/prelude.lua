-- Builds the world that scripts see, once, in the base image. Runs when the base library, os and debug are open, and
-- before any script. `loaded` is the table by which Lua finds the names of functions for messages and tracebacks; scripts
-- cannot reach it.
local loaded, host = ...

-- What reads files, or has no one to read it.
dofile, loadfile, warn = nil, nil, nil

print = host.print
load = host.load
collectgarbage = host.collectgarbage

local os = loaded.os
loaded.os = { time = os.time, clock = host.clock, date = host.date, difftime = os.difftime }
loaded.debug = { traceback = loaded.debug.traceback }
loaded.cache = { get = host.cacheGet, put = host.cachePut, put_ttl = host.cachePutTtl }

_G.os = loaded.os
_G.debug = loaded.debug
_G.cache = loaded.cache

-- When the other libraries are open.
return function(host)
  string.dump = nil
  math.randomseed = host.randomseed

  -- Where instructions are counted.
  coroutine.create = host.create or coroutine.create
  coroutine.wrap = host.wrap or coroutine.wrap

  -- Otherwise any script could change what ("x"):upper() means, also for code that it loads.
  getmetatable("").__metatable = false
end
