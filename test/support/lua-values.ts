// The model of how values cross to Lua and back, written for clarity: what the host must get (T2) when Lua, or the
// bytes between, hold what the host gave (T1). Beside it, arbitrary values to try it with.

import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import type { LuaInput, LuaKey, LuaValue } from '../../src/shared/values.js'

function keyInLua(key: string | number | bigint | boolean): LuaKey {
  if (typeof key === 'bigint') return Number.isSafeInteger(Number(key)) ? Number(key) : key
  if (typeof key !== 'number') return key
  if (Object.is(key, -0)) return 0
  const isInteger64 = Number.isInteger(key) && key >= -(2 ** 63) && key < 2 ** 63
  return isInteger64 && !Number.isSafeInteger(key) ? BigInt(key) : key
}

function entriesOf(table: object): [string | number | bigint | boolean, LuaInput][] {
  if (Array.isArray(table)) return Array.from(table as LuaInput[], (item, i) => [i + 1, item])
  return table instanceof Map ? [...table] : Object.entries(table)
}

function tableFromLua(entries: ReadonlyMap<LuaKey, LuaValue>): LuaValue {
  const keys = [...entries.keys()]
  if (keys.every((key) => typeof key === 'string')) {
    const table: { [key: string]: LuaValue } = {}
    for (const [key, value] of entries) {
      Object.defineProperty(table, key as string, {
        value,
        configurable: true,
        enumerable: true,
        writable: true,
      })
    }
    return table
  }
  if (
    keys.every((key) => typeof key === 'number' && key >= 1 && key <= keys.length && Number.isInteger(key))
  ) {
    return keys.map((_, i) => entries.get(i + 1))
  }
  return new Map(entries)
}

/** What comes back for what was given. */
export function throughLua(value: LuaInput): LuaValue {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (value instanceof Uint8Array)
    return isUtf8(value) ? Buffer.from(value).toString() : new Uint8Array(value)
  if (typeof value !== 'object') return value
  const entries = new Map<LuaKey, LuaValue>()
  for (const [key, item] of entriesOf(value)) {
    const found = throughLua(item)
    if (found === undefined) entries.delete(keyInLua(key))
    else entries.set(keyInLua(key), found)
  }
  return tableFromLua(entries)
}

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const oddNumbers = fc.constantFrom(
  0,
  -0,
  Number.NaN,
  Infinity,
  -Infinity,
  2 ** 31,
  -(2 ** 31),
  2 ** 53,
  -(2 ** 53),
  2 ** 53 - 1,
  5e-324,
  2 ** 63,
  -(2 ** 63),
)
const oddBigInts = fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 2n ** 53n + 1n, 1n, 0n)
const texts = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 140 }),
  fc.constantFrom('', 'a\0b', '\ufffd', '\ufeff', '__proto__', 'constructor'),
)

const scalars: fc.Arbitrary<LuaInput> = fc.oneof(
  fc.constantFrom(null, undefined, true, false),
  fc.integer(),
  fc.double(),
  oddNumbers,
  int64,
  oddBigInts,
  texts,
  fc.uint8Array({ maxLength: 140 }),
)

const keys: fc.Arbitrary<string | number | bigint | boolean> = fc.oneof(
  texts,
  fc.integer({ min: -2, max: 6 }),
  fc.bigInt({ min: -2n, max: 6n }),
  fc.double({ noNaN: true }),
  oddNumbers.filter((n) => !Number.isNaN(n)),
  oddBigInts,
  fc.boolean(),
)

function toObject(entries: readonly (readonly [string, LuaInput])[]): LuaInput {
  const table = {}
  for (const [key, value] of entries) {
    Object.defineProperty(table, key, { value, configurable: true, enumerable: true, writable: true })
  }
  return table
}

/** Anything that the host may give, tables of every shape included. */
export const luaInputs: fc.Arbitrary<LuaInput> = fc.letrec<{ value: LuaInput }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 8 }),
    fc.array(fc.tuple(texts, tie('value')), { maxLength: 8 }).map(toObject),
    fc.array(fc.tuple(keys, tie('value')), { maxLength: 8 }).map((entries) => new Map(entries)),
  ),
})).value

/** `tables` tables, one inside the other, around a scalar. */
export function nested(tables: number): LuaInput {
  let value: LuaInput = 'heart'
  for (let i = 0; i < tables; i++) value = i % 2 === 0 ? { a: value } : [value]
  return value
}
