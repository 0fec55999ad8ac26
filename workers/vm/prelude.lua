-- Builds the world that scripts see, once, in the base image. Runs with the standard libraries open and before any
-- script. `loaded` is the table by which Lua finds the names of functions for messages and tracebacks; scripts cannot
-- reach it.
local loaded, host = ...

-- What reads files, or has no one to read it.
dofile, loadfile, warn = nil, nil, nil
string.dump = nil

print = host.print
load = host.load
collectgarbage = host.collectgarbage
math.randomseed = host.randomseed

if host.countsInstructions then
  coroutine.create, coroutine.wrap = host.create, host.wrap
end

local os = loaded.os
loaded.os = { time = os.time, clock = host.clock, date = host.date, difftime = os.difftime }
loaded.debug = { traceback = loaded.debug.traceback }
loaded.cache = { get = host.cacheGet, put = host.cachePut, put_ttl = host.cachePutTtl }

_G.os = loaded.os
_G.debug = loaded.debug
_G.cache = loaded.cache

-- Otherwise any script could change what ("x"):upper() means, also for code that it loads.
getmetatable("").__metatable = false
