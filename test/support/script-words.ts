// What generated scripts are made of: the functions they begin with, and the pools that a generator picks from.

/** Shows a value without addresses, tables by their sorted content. */
export const PRELUDE = `
-- Addresses are of one length everywhere, so that a script may count, cut and turn round what it prints.
local tostring = function(...) return (tostring(...):gsub("0x%x+", "0xaddress")) end
local string = setmetatable({
  format = function(...) return (string.format(...):gsub("0x%x+", "0xaddress")) end,
}, { __index = string })
local out = {}
local function show(value, depth)
  local kind = math.type(value) or type(value)
  if kind == "table" then
    if (depth or 0) > 3 then return "{...}" end
    local parts = {}
    for k, v in next, value do parts[#parts + 1] = show(k, 4) .. "=" .. show(v, (depth or 0) + 1) end
    table.sort(parts)
    return "{" .. table.concat(parts, ",") .. "}"
  elseif kind == "string" then return ("%q"):format(value)
  elseif kind == "function" or kind == "thread" then return kind end
  return kind .. ":" .. tostring(value)
end
local function say(...)
  local parts = {}
  for i = 1, select("#", ...) do parts[i] = show((select(i, ...))) end
  out[#out + 1] = table.concat(parts, " ")
end
local a, b, c, d, e = 1, 2.5, "text", { 1, 2, 3, x = "y" }, nil
local function f(...) return ... end
-- What outlives its statement is short: doubled in each turn of a loop, it would take all memory.
local function kept(value, ...)
  if type(value) == "string" and #value > 100 then value = #value end
  return value, ...
end
`

export const INTEGERS = [
  '0',
  '1',
  '-1',
  '2',
  '3',
  '7',
  '10',
  '255',
  '0x7fffffffffffffff',
  'math.mininteger',
  '1 << 62',
  '-2^53|0',
]
export const FLOATS = [
  '0.0',
  '-0.0',
  '0.5',
  '1e15',
  '1e16',
  '1e100',
  '-1.5',
  '3.0',
  '2^53',
  '1/0',
  '-1/0',
  '0/0',
  '0x.8p1',
  '1e-7',
  '123456.789e3',
]
export const STRINGS = [
  '""',
  '"a"',
  '"10"',
  '" 0x1F "',
  '"1e2"',
  '"abc def"',
  '"\\0\\xff\\n"',
  '"häß"',
  '[[long\nstring]]',
  '"%d+"',
  '"5x"',
  '"inf"',
  '"nan"',
]
export const OTHERS = [
  'nil',
  'true',
  'false',
  '{}',
  '{ 1, 2, 3 }',
  '{ x = 1, [2] = "b" }',
  'f',
  'print',
  '{ 3, 1, 2, n = 3 }',
]
export const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'unknown']
export const BINARY = [
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '^',
  '&',
  '|',
  '~',
  '<<',
  '>>',
  '..',
  '==',
  '~=',
  '<',
  '<=',
  '>',
  '>=',
  'and',
  'or',
]
export const UNARY = ['-', 'not ', '#', '~']
export const PATTERNS = [
  '"a"',
  '"%w+"',
  '"(%a)(%d*)"',
  '"^%s*(.-)%s*$"',
  '"."',
  '"[^%w]"',
  '"%f[%w]%w"',
  '"()"',
  '"%b()"',
  '"(x"',
  '"[a"',
  '"%"',
  '"%1"',
  '".-b"',
]
export const FORMATS = [
  '"%d"',
  '"%5d|"',
  '"%-5d|"',
  '"%+.3d"',
  '"%x"',
  '"%X"',
  '"%#o"',
  '"%5.2f"',
  '"%e"',
  '"%g"',
  '"%s"',
  '"%10.3s|"',
  '"%q"',
  '"%c"',
  '"%i"',
  '"%%"',
  '"%y"',
  '"%"',
  '"%s %s"',
]

/** What a function is called with: E any, S small number, R how often, T text, L list, P pattern, F format, Y format to pack. */
export const CALLS: readonly (readonly [name: string, kinds: string])[] = [
  ['string.len', 'T'],
  ['string.sub', 'TSS'],
  ['string.upper', 'T'],
  ['string.lower', 'T'],
  ['string.reverse', 'T'],
  ['string.rep', 'TR'],
  ['string.rep', 'TRT'],
  ['string.byte', 'TSS'],
  ['string.char', 'SS'],
  ['string.find', 'TP'],
  ['string.find', 'TPSE'],
  ['string.match', 'TP'],
  ['string.gsub', 'TPT'],
  ['string.gsub', 'TPTS'],
  ['string.format', 'FE'],
  ['string.format', 'FEE'],
  ['string.format', 'FS'],
  ['table.concat', 'LTSS'],
  ['table.unpack', 'LSS'],
  ['table.pack', 'EE'],
  ['math.abs', 'E'],
  ['math.floor', 'E'],
  ['math.ceil', 'E'],
  ['math.max', 'EE'],
  ['math.min', 'EE'],
  ['math.fmod', 'EE'],
  ['math.modf', 'E'],
  ['math.tointeger', 'E'],
  ['math.type', 'E'],
  ['math.ult', 'EE'],
  ['math.sqrt', 'S'],
  ['tonumber', 'E'],
  ['tonumber', 'TS'],
  ['tostring', 'S'],
  ['type', 'E'],
  ['select', 'SEE'],
  ['select', 'EEE'],
  ['rawequal', 'EE'],
  ['rawlen', 'E'],
  ['rawget', 'LE'],
  ['utf8.char', 'SS'],
  ['utf8.len', 'TSS'],
  ['utf8.codepoint', 'TSS'],
  ['utf8.offset', 'TSS'],
  ['ipairs', 'E'],

  ['assert', 'EE'],
  ['error', 'EE'],
  ['error', 'TS'],
  ['pcall', 'EE'],
  ['f', 'EE'],
  ['string.pack', 'YE'],
  ['string.packsize', 'Y'],
  ['string.unpack', 'YT'],
  ['coroutine.close', 'E'],
  ['coroutine.status', 'E'],
  ['coroutine.wrap', 'E'],
  ['coroutine.resume', 'E'],
  ['setmetatable', 'EE'],
  ['load', 'T'],
  ['xpcall', 'EEE'],
]
export const PACKS = [
  '"b"',
  '"<i4"',
  '">I2"',
  '"z"',
  '"s1"',
  '"d"',
  '"!4 i2i4"',
  '"j"',
  '"i17"',
  '"x"',
  '"Xi4"',
  '">f"',
  '"c3"',
  '"c"',
  '"=H !2 h"',
  '"< i3 > I12"',
  '"! b j"',
  '"!3"',
  '"Xz"',
  '"n B"',
]
/** Other formats for string.pack. No text that is computed: one that begins with l, L, T or s has sizes of the platform. */
export const NO_PACKS = [...INTEGERS, ...FLOATS, ...OTHERS, ...PATTERNS]
