// Everything that a script can make too large, in pairs: just under works, just over is a fault. The limits that they are
// written for stand in BOMB_LIMITS.

import type { LimitOptions, MoonpoolErrorCode } from '../../src/index.js'

const MIB = 2 ** 20
export const BOMB_LIMITS: LimitOptions = {
  timeoutMs: 60_000,
  memoryBytes: 16 * MIB,
  maxResultBytes: MIB,
  maxArgumentBytes: MIB,
  sourceBytes: MIB,
}

type Fault = readonly [code: MoonpoolErrorCode, message: RegExp]

const NO_MEMORY: Fault = ['MOONPOOL_MEMORY', /not enough memory: .*limits\.memoryBytes/]
const TOO_LARGE: Fault = ['MOONPOOL_RESULT_TOO_LARGE', /limits\.maxResultBytes \(1048576\)/]
const lua = (message: RegExp): Fault => ['MOONPOOL_LUA_ERROR', message]

export interface Bomb {
  readonly name: string
  readonly under: string
  readonly gives: unknown
  readonly over: string
  readonly fault: Fault
}

export const nested = (depth: number): string => `local t = {} for i = 2, ${depth} do t = { t } end`
export const shared = (levels: number): string =>
  `local t = { "lol" } for i = 1, ${levels} do t = { t, t, t, t, t, t, t, t } end`

export const BOMBS: readonly Bomb[] = [
  {
    name: 'string',
    under: 'return #("x"):rep(4 * 2^20)',
    gives: 4 * MIB,
    over: 'return #("x"):rep(32 * 2^20)',
    fault: NO_MEMORY,
  },
  {
    name: 'string, beyond all bounds',
    under: 'return select(2, pcall(string.rep, "x", -1))',
    gives: '',
    over: 'return ("x"):rep(math.maxinteger, "y")',
    fault: lua(/resulting string too large/),
  },
  {
    name: 'strings, doubled',
    under: 'local s = "x" for i = 1, 20 do s = s .. s end return #s',
    gives: MIB,
    over: 'local s = "x" while true do s = s .. s end',
    fault: NO_MEMORY,
  },
  {
    name: 'table',
    under: 'local t = {} for i = 1, 100000 do t[i] = i end return #t',
    gives: 100_000,
    over: 'local t = {} while true do t[#t + 1] = #t end',
    fault: NO_MEMORY,
  },
  {
    name: 'tables',
    under: 'local t = {} for i = 1, 10000 do t[i] = {} end return #t',
    gives: 10_000,
    over: 'local t = {} while true do t[#t + 1] = {} end',
    fault: NO_MEMORY,
  },
  {
    name: 'closures',
    under: 'local t = {} for i = 1, 10000 do t[i] = function() return i end end return t[10000]()',
    gives: 10_000,
    over: 'local t = {} while true do t[#t + 1] = function() return t end end',
    fault: NO_MEMORY,
  },
  {
    name: 'coroutines',
    under:
      'local t = {} for i = 1, 1000 do t[i] = coroutine.wrap(function() coroutine.yield(i) end) end return t[1000]()',
    gives: 1000,
    over: 'local t = {} while true do t[#t + 1] = coroutine.wrap(function() coroutine.yield() end) t[#t]() end',
    fault: NO_MEMORY,
  },
  {
    name: 'Lua recursion',
    under: 'local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end return f(10000)',
    gives: 10_000,
    // With more memory it would be a stack overflow: see the VM's own tests of recursion.
    over: 'local function f() return 1 + f() end return f()',
    fault: NO_MEMORY,
  },
  {
    name: 'C recursion',
    under:
      'local function f(n) if n == 0 then return 0 end return select(2, pcall(f, n - 1)) + 1 end return f(150)',
    gives: 150,
    over: 'local t = setmetatable({}, {}) getmetatable(t).__concat = function(a, b) return a .. b end return t .. t',
    fault: lua(/C stack overflow/),
  },
  {
    name: 'metamethods in a circle',
    under: 'local t = {} for i = 1, 100 do t = setmetatable({}, { __index = t }) end return t.x == nil',
    gives: true,
    over: 'local t = {} setmetatable(t, { __index = t }) return t.x',
    fault: lua(/'__index' chain too long; possible loop/),
  },
  {
    name: 'concat',
    under: 'local t = {} for i = 1, 100 do t[i] = ("x"):rep(10000) end return #table.concat(t)',
    gives: MIB - 48_576,
    over: 'local t, s = {}, ("x"):rep(2^20) for i = 1, 100 do t[i] = s end return #table.concat(t)',
    fault: NO_MEMORY,
  },
  {
    name: 'concat, range',
    under: 'return table.concat({ 1, 2, 3 }, ",", 2, 3)',
    gives: '2,3',
    over: 'return table.concat({}, ",", math.maxinteger - 1, math.maxinteger)',
    fault: lua(/invalid value \(nil\) at index 9223372036854775806 in table for 'concat'/),
  },
  {
    name: 'unpack',
    under: 'return select("#", table.unpack({}, 1, 5000))',
    gives: 5000,
    over: 'return table.unpack({}, math.mininteger, math.maxinteger)',
    fault: lua(/too many results to unpack/),
  },
  {
    name: 'string.byte',
    under: 'return select("#", ("x"):rep(5000):byte(1, -1))',
    gives: 5000,
    over: 'return ("x"):rep(2^20):byte(1, -1)',
    fault: lua(/string slice too long/),
  },
  {
    name: 'format width',
    under: 'return #("%99d"):format(1)',
    gives: 99,
    over: 'return ("%100d"):format(1)',
    fault: lua(/invalid conversion/),
  },
  {
    name: 'format precision',
    under: 'return #("%.99f"):format(1e308)',
    gives: 409,
    over: 'return ("%.100f"):format(1e308)',
    fault: lua(/invalid conversion/),
  },
  {
    name: 'format arguments',
    under: 'return #("%s"):rep(200):format(table.unpack({}, 1, 200))',
    gives: 600,
    over: 'local s = ("x"):rep(2^20) local t = {} for i = 1, 100 do t[i] = s end return ("%s"):rep(100):format(table.unpack(t))',
    fault: NO_MEMORY,
  },
  {
    name: 'gsub',
    under: 'return #(("x"):rep(1000):gsub("x", ("y"):rep(1000)))',
    gives: 1_000_000,
    over: 'return ("x"):rep(2^16):gsub("x", ("y"):rep(2^12))',
    fault: NO_MEMORY,
  },
  {
    name: 'pattern captures',
    under: 'return select("#", ("x"):find(("()"):rep(32)))',
    gives: 34,
    over: 'return ("x"):find(("()"):rep(33))',
    fault: lua(/too many captures/),
  },
  {
    name: 'pattern nesting',
    under: 'return (("a"):rep(100)):find(("a"):rep(100) .. "$")',
    gives: 1,
    over: 'return (("a"):rep(300000)):find(("a?"):rep(300000) .. "b")',
    fault: lua(/pattern too complex/),
  },
  {
    name: 'parser, nesting',
    under: 'return load("return " .. ("("):rep(150) .. "1" .. (")"):rep(150))()',
    gives: 1,
    over: 'return assert(load("return " .. ("("):rep(1e6)))',
    fault: lua(/C stack overflow/),
  },
  {
    name: 'parser, tables',
    under: 'return #load("return " .. ("{"):rep(150) .. ("}"):rep(150))()',
    gives: 1,
    over: 'return assert(load("return " .. ("{"):rep(1e5)))',
    fault: lua(/C stack overflow/),
  },
  {
    name: 'parser, locals',
    under: 'return load(("local a "):rep(200)) ~= nil',
    gives: true,
    over: 'return assert(load(("local a "):rep(201)))',
    fault: lua(/too many local variables/),
  },
  {
    name: 'parser, a source from pieces without end',
    under: 'local n = 0 return load(function() n = n + 1 return n < 1000 and "x=1 " or nil end) ~= nil',
    gives: true,
    over: 'return assert(load(function() return ("y"):rep(10000) end))',
    fault: lua(/not enough memory/),
  },
  {
    name: 'utf8',
    under: 'return #utf8.char(0x7FFFFFFF)',
    gives: 6,
    over: 'return utf8.char(0x80000000)',
    fault: lua(/value out of range/),
  },
  {
    name: 'result depth',
    under: `${nested(128)} local n = 0 while t do n, t = n + 1, t[1] end return n`,
    gives: 128,
    over: `${nested(129)} return t`,
    fault: ['MOONPOOL_INVALID_VALUE', /too deep/],
  },
  {
    name: 'result, shared tables',
    under: `${shared(4)} return #t[8][8]`,
    gives: 8,
    over: `${shared(40)} return t`,
    fault: TOO_LARGE,
  },
  {
    name: 'result size',
    under: 'return #("x"):rep(2^20)',
    gives: MIB,
    over: 'return ("x"):rep(2^20)',
    fault: TOO_LARGE,
  },
  {
    name: 'cache value depth',
    under: `${nested(128)} return cache.put("k", t)`,
    gives: true,
    over: `${nested(129)} return assert(cache.put("k", t))`,
    fault: lua(/too deep/),
  },
  {
    name: 'cache value, shared tables',
    under: `${shared(3)} return cache.put("k", t)`,
    gives: true,
    over: `${shared(40)} return assert(cache.put("k", t))`,
    fault: lua(/too large/),
  },
  {
    name: 'cache value size',
    under: 'return cache.put("k", ("x"):rep(2^20 - 5))',
    gives: true,
    over: 'return assert(cache.put("k", ("x"):rep(2^20)))',
    fault: lua(/too large/),
  },
  {
    name: 'cache key',
    under: 'return cache.put(("k"):rep(1024), 1)',
    gives: true,
    over: 'return assert(cache.put(("k"):rep(1025), 1))',
    fault: lua(/key too long/),
  },
]
