// Random Lua scripts that end soon, use no cache, and return as text what they computed and which errors they met. From one
// seed always the same script.
//
// What differs from process to process is left out: addresses, the order of `pairs`, clocks, random numbers. Numbers that
// say how often something is done are small. Each statement stands in a pcall of its own, so one error ends nothing else.

type Random = () => number

/** Shows a value without addresses, tables by their sorted content. */
const PRELUDE = `
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
`

const INTEGERS = [
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
const FLOATS = [
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
const STRINGS = [
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
const OTHERS = [
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
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'unknown']
const BINARY = [
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
const UNARY = ['-', 'not ', '#', '~']
const PATTERNS = [
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
const FORMATS = [
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

/** What a function is called with: E any, S small number, R how often, T text, L list, P pattern, F format. */
const CALLS: readonly (readonly [name: string, kinds: string])[] = [
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
const PACKS = ['"b"', '"<i4"', '">I2"', '"z"', '"s1"', '"d"', '"!4 i2i4"', '"j"', '"i17"', '"x"', '"Xi4"']

class ScriptGenerator {
  readonly #random: Random
  #loops = 0

  constructor(random: Random) {
    this.#random = random
  }

  script(): string {
    const count = 3 + Math.floor(this.#random() * 8)
    const statements = Array.from(
      { length: count },
      () => `say(pcall(function()\n${this.#statement(2)}\nend))`,
    )
    // Now and then an error that nobody catches.
    if (this.#random() < 0.1) statements.push(this.#statement(1))
    return `${PRELUDE}${statements.join('\n')}\nreturn table.concat(out, "\\n")\n`
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item
  }

  #statement(depth: number): string {
    const inner = (): string => (depth > 0 ? this.#statement(depth - 1) : `say(${this.#expression(1)})`)
    const value = (): string => this.#expression(2)
    const name = this.#pick(['a', 'b', 'c', 'd', 'e'])
    const loop = `i${++this.#loops}`
    return this.#pick([
      () => `say(${value()}, ${value()})`,
      () => `say(${value()})`,
      () => `say(${this.#call(2)})`,
      () => `say(${this.#call(2)})`,
      () => `${name} = ${value()}`,
      () => `local ${name} <const> = ${value()}\n${inner()}`,
      () => `if ${value()} then\n${inner()}\nelse\n${inner()}\nend`,
      () =>
        `for ${loop} = ${this.#small()}, ${this.#small()}, ${this.#pick(['1', '2', '-1', '0.5', '0'])} do\nsay(${loop})\n${inner()}\nend`,
      () =>
        `for ${loop}, v in ipairs(${this.#list()}) do\nsay(${loop}, v)\nif v == 2 then goto continue end\n${inner()}\n::continue::\nend`,
      () => `local ${loop} = 0 repeat ${loop} = ${loop} + 1\n${inner()}\nuntil ${loop} > 2 or ${value()}`,
      () =>
        `local t = ${this.#list()}\ntable.sort(t${this.#pick(['', ', function(x, y) return x > y end', ', function(x, y) return tostring(x) < tostring(y) end'])})\nsay(t)`,
      () => `local t = ${this.#list()}\nt[${value()}] = ${value()}\nsay(t, #${this.#pick(['t', 'c', 'd'])})`,
      () =>
        `local t = ${this.#list()}\ntable.insert(t, ${this.#pick(['', `${this.#small()}, `])}${value()})\nsay(t, table.remove(t${this.#pick(['', `, ${this.#small()}`])}))`,
      () =>
        `local co = coroutine.wrap(function(x) local y = coroutine.yield(x)\n${inner()}\nreturn y end)\nsay(co(${value()}))\nsay(co(${value()}))\nsay(co())`,
      () =>
        `local t = setmetatable({}, { __index = function(_, k) return ${value()} end, __call = function(_, x) return x end, __${this.#pick(['add', 'concat', 'eq', 'lt', 'le', 'len', 'unm', 'close', 'idiv', 'band'])} = function(x, y) return ${this.#pick(['1', 'y', 'true', 'nil'])} end })\nsay(t.x, t(1))\nsay(${this.#pick(['t + 1', '1 .. t', 't < t', '#t', '-t', 't == t', 't // 2', 't & 1', 't | 1', 't > 1'])})`,
      () =>
        `local x <close> = setmetatable({}, { __close = function(_, why) say("closed", why) end })\n${inner()}`,
      () => `say(select("#", ${value()}, f(${value()}, ${value()})), (f(${value()})))`,
      () =>
        `local function g(n) if n <= 0 then return ${value()} end return ${this.#pick(['g(n - 1)', 'n + g(n - 1)', '(g(n - 1))'])} end\nsay(g(3))`,
      () => `error(${this.#pick([value(), '{ code = 1 }', '"text", 0', '"text", 2', 'nil'])})`,
      () =>
        `say(load(${this.#pick(['"return 1 +"', '"x = = 1"', '"return ..."', '"goto nowhere"', '"for i = 1 do end"', '"local x <const> = 1; x = 2"', '"break"', '"return \\"open"', '"::l:: ::l::"', '"return 0x"', '"return 1..2"', '"\\255"'])}))`,
    ])()
  }

  #expression(depth: number): string {
    if (depth <= 0) return this.#pick([this.#literal(), this.#literal(), this.#pick(NAMES)])
    return this.#pick([
      () => this.#literal(),
      () => this.#pick(NAMES),
      () => `(${this.#expression(depth - 1)} ${this.#pick(BINARY)} ${this.#expression(depth - 1)})`,
      () => `(${this.#expression(depth - 1)} ${this.#pick(BINARY)} ${this.#expression(depth - 1)})`,
      () => `(${this.#pick(UNARY)}${this.#expression(depth - 1)})`,
      () => `(${this.#pick(NAMES)})[${this.#expression(depth - 1)}]`,
      () => `${this.#pick(NAMES)}.${this.#pick(['x', 'y', 'len', 'upper'])}`,
      () =>
        `(${this.#text()}):${this.#pick(['len()', 'upper()', 'rep(2)', 'missing()', 'byte(1)', 'sub(2, -2)'])}`,
      () => `(function(x, ...) return x, ... end)(${this.#expression(depth - 1)})`,
      () => `{ ${this.#expression(depth - 1)}, x = ${this.#expression(depth - 1)} }`,
      () => this.#call(depth - 1),
    ])()
  }

  #call(depth: number): string {
    const [name, kinds] = this.#pick(CALLS)
    const given = !kinds.includes('R') && this.#random() < 0.1 ? kinds.slice(1) : kinds
    return `${name}(${[...given].map((kind) => this.#argument(kind, depth - 1)).join(', ')})`
  }

  #argument(kind: string, depth: number): string {
    // One in ten is of any kind, but where it says how often.
    if (kind !== 'S' && kind !== 'R' && this.#random() < 0.1) return this.#expression(depth)
    if (kind === 'S') return this.#small()
    if (kind === 'R') return this.#pick(['0', '1', '2', '3', '-1', '2.0', '"2"'])
    if (kind === 'T') return this.#text()
    if (kind === 'L') return this.#list()
    if (kind === 'P') return this.#pick(PATTERNS)
    if (kind === 'F') return this.#pick(FORMATS)
    if (kind === 'Y') return this.#pick(PACKS)
    return this.#expression(depth)
  }

  #literal(): string {
    return this.#pick([INTEGERS, FLOATS, STRINGS, STRINGS, OTHERS].map((pool) => this.#pick(pool)))
  }

  #small(): string {
    return this.#pick(['0', '1', '2', '3', '-1', '-2', '5', '1.0', '1.5', '"2"', '100'])
  }

  #text(): string {
    return this.#random() < 0.8 ? this.#pick(STRINGS) : this.#pick(['c', 'tostring(a)', '1', '2.5'])
  }

  #list(): string {
    return this.#pick([
      '{}',
      '{ 3, 1, 2 }',
      '{ "b", "a", "c" }',
      '{ 1, "a" }',
      '{ 1.5, 1, -0.0 }',
      'd',
      '{ a, b }',
    ])
  }
}

/** The same random numbers give the same script. */
export function generateScript(random: Random): string {
  return new ScriptGenerator(random).script()
}
