// What compiles and is probably not meant: found in the tokens, told with the line and what to do.
//
//   get-then-put     cache.get and, later in the same function, cache.put or put_ttl of the same key
//   frozen-at-load   os.time, os.clock or math.random called at the top level, which runs once
//   method-call      cache:get for cache.get

import { mayFollow, type Place, ScopeWalk } from './lua-scopes.js'
import { type Token, tokensOf } from './lua-tokens.js'

export type WarningRule = 'get-then-put' | 'frozen-at-load' | 'method-call'

export interface LuaWarning {
  readonly rule: WarningRule
  readonly line: number
  readonly message: string
}

/** A `cache.get` that has been, and where. */
interface Read {
  readonly line: number
  readonly place: Place
}

/** A `cache.put` whose arguments are being walked. */
interface Write {
  readonly name: string
  readonly key: string
  readonly line: number
  readonly place: Place
  readonly endIndex: number
}

const FROZEN: Readonly<Record<string, readonly string[]>> = { os: ['time', 'clock'], math: ['random'] }
const OPENING = '([{'
const CLOSING = ')]}'

class Review {
  readonly warnings: LuaWarning[] = []
  readonly #tokens: readonly Token[]
  readonly #walk: ScopeWalk
  readonly #atomic: readonly string[]
  readonly #reads = new Map<string, Read[]>()
  #writes: Write[] = []

  constructor(tokens: readonly Token[], atomic: readonly string[]) {
    this.#tokens = tokens
    this.#walk = new ScopeWalk(tokens)
    this.#atomic = atomic
  }

  run(): readonly LuaWarning[] {
    this.#walk.walk((index) => {
      this.#endWrites(index)
      if (this.#isModule(index)) this.#look(index)
    })
    this.#endWrites(this.#tokens.length)
    return this.warnings.sort((a, b) => a.line - b.line)
  }

  #text(index: number): string {
    const token = this.#tokens[index]
    return token === undefined || token.kind === 'string' ? '' : token.text
  }

  /** A global's name, not a field's. */
  #isModule(index: number): boolean {
    const token = this.#tokens[index]
    if (token?.kind !== 'name' || ['.', ':', 'goto', '::'].includes(this.#text(index - 1))) return false
    return this.#walk.isGlobal(token.text)
  }

  /** `module.name(`, `module.name "text"`, `module:name(` … */
  #look(index: number): void {
    const [module, access, name] = [this.#text(index), this.#text(index + 1), this.#text(index + 2)]
    const argument = this.#tokens[index + 3]
    const isCall = argument?.kind === 'string' || argument?.text === '(' || argument?.text === '{'
    if (!isCall) return
    const { line } = this.#tokens[index + 2] as Token
    if (module === 'cache' && access === ':') this.#methodCall(name, line)
    if (access !== '.') return
    if (FROZEN[module]?.includes(name)) this.#frozen(`${module}.${name}`, line, index + 3)
    if (module === 'cache' && name === 'get') this.#read(line, index)
    if (module === 'cache' && (name === 'put' || name === 'put_ttl')) this.#write(name, line, index)
  }

  #methodCall(name: string, line: number): void {
    const message = `write cache.${name}, not cache:${name}: the colon makes the module itself the first argument`
    this.warnings.push({ rule: 'method-call', line, message })
  }

  /** os.time of a table is a conversion and stays what it is. */
  #frozen(name: string, line: number, argumentIndex: number): void {
    const isConversion = name === 'os.time' && this.#text(argumentIndex + 1) !== ')'
    if (this.#walk.functionDepth > 0 || isConversion) return
    const message =
      `${name} at the top level runs once, when the script is loaded, and every run sees that same value: ` +
      'call it inside a function'
    this.warnings.push({ rule: 'frozen-at-load', line, message })
  }

  #read(line: number, index: number): void {
    // What is returned at once is not put back.
    if (this.#text(index - 1) === 'return') return
    const key = this.#key(index + 3)
    const earlier = this.#reads.get(key) ?? []
    this.#reads.set(key, [...earlier, { line, place: this.#walk.place }])
  }

  /** Judged after its arguments, which may hold the read. */
  #write(name: string, line: number, index: number): void {
    const { place } = this.#walk
    const endIndex = this.#endOfCall(index + 3)
    this.#writes.push({ name, key: this.#key(index + 3), line, place, endIndex })
  }

  #endWrites(index: number): void {
    const ended = this.#writes.filter(({ endIndex }) => endIndex <= index)
    this.#writes = this.#writes.filter(({ endIndex }) => endIndex > index)
    for (const { name, key, line, place } of ended) {
      const read = this.#reads.get(key)?.findLast((one) => mayFollow(place, one.place))
      if (read === undefined) continue
      this.warnings.push({ rule: 'get-then-put', line, message: this.#lostUpdate(name, read.line) })
    }
  }

  #lostUpdate(name: string, readLine: number): string {
    const remedy =
      this.#atomic.length === 0
        ? 'what must be exact has to be counted on the host'
        : `use ${this.#atomic.map((operation) => `cache.${operation}`).join(' or ')}`
    return (
      `cache.${name} after cache.get of the same key in line ${readLine}: what another run writes in between is ` +
      `lost. To change a value, ${remedy}; to fill a miss, this is fine`
    )
  }

  /** The first argument, alike for two calls if it is the same text and its names mean the same. */
  #key(start: number): string {
    const opening = this.#tokens[start]
    if (opening?.kind === 'string') return this.#part(start)
    const parts: string[] = []
    let depth = 0
    for (let index = start + 1; index < this.#tokens.length; index++) {
      const text = this.#text(index)
      if (depth === 0 && (text === ',' || text === ')')) break
      depth += depthChange(text)
      parts.push(this.#part(index))
    }
    return parts.join('\n')
  }

  #part(index: number): string {
    const { kind, text } = this.#tokens[index] as Token
    const isName = kind === 'name' && !['.', ':'].includes(this.#text(index - 1))
    return `${kind} ${text}${isName ? ` ${this.#walk.declarationOf(text)}` : ''}`
  }

  /** Index behind the call whose arguments begin at `start`. */
  #endOfCall(start: number): number {
    let depth = 0
    for (let index = start; index < this.#tokens.length; index++) {
      depth += depthChange(this.#text(index))
      if (depth === 0) return index + 1
    }
    return this.#tokens.length
  }
}

function depthChange(text: string): number {
  if (text === '') return 0
  return OPENING.includes(text) ? 1 : CLOSING.includes(text) ? -1 : 0
}

/** `source` compiles; `atomic` names operations of the cache that read and write in one step. */
export function warningsFor(source: string, atomic: readonly string[]): readonly LuaWarning[] {
  return new Review(tokensOf(source), atomic).run()
}
