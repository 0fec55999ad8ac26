// Random Lua scripts that end soon, use no cache, and return as text what they computed and which errors they met. From one
// seed always the same script.
//
// What differs from process to process is left out: addresses, the order of `pairs`, clocks, random numbers. Numbers that
// say how often something is done are small. Each statement stands in a pcall of its own, so one error ends nothing else.

import {
  BINARY,
  CALLS,
  FLOATS,
  FORMATS,
  INTEGERS,
  NAMES,
  NO_PACKS,
  OTHERS,
  PACKS,
  PATTERNS,
  PRELUDE,
  STRINGS,
  UNARY,
} from './script-words.js'

type Random = () => number

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
      () => `${name} = kept(${value()})`,
      () => `local ${name} <const> = ${value()}\n${inner()}`,
      () => `if ${value()} then\n${inner()}\nelse\n${inner()}\nend`,
      () =>
        `for ${loop} = ${this.#small()}, ${this.#small()}, ${this.#pick(['1', '2', '-1', '0.5', '0'])} do\nsay(${loop})\n${inner()}\nend`,
      () =>
        `for ${loop}, v in ipairs(${this.#list()}) do\nsay(${loop}, v)\nif v == 2 then goto continue end\n${inner()}\n::continue::\nend`,
      () => `local ${loop} = 0 repeat ${loop} = ${loop} + 1\n${inner()}\nuntil ${loop} > 2 or ${value()}`,
      () =>
        `local t = ${this.#list()}\ntable.sort(t${this.#pick(['', ', function(x, y) return x > y end', ', function(x, y) return tostring(x) < tostring(y) end'])})\nsay(t)`,
      () =>
        `local t = ${this.#list()}\nt[${value()}] = kept(${value()})\nsay(t, #${this.#pick(['t', 'c', 'd'])})`,
      () =>
        `local t = ${this.#list()}\ntable.insert(t, ${this.#pick(['', `${this.#small()}, `])}kept(${value()}))\nsay(t, table.remove(t${this.#pick(['', `, ${this.#small()}`])}))`,
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
    if (kind !== 'S' && kind !== 'R' && this.#random() < 0.1) {
      return kind === 'Y' ? this.#pick(NO_PACKS) : this.#expression(depth)
    }
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
