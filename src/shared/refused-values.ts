// Why a host value cannot go to Lua, and which conversion makes it one that can.

import { types } from 'node:util'

type Row = readonly [test: (value: object) => boolean, text: string]

/** First match wins; what no row knows is an instance of some class. */
const ROWS: readonly Row[] = [
  [types.isProxy, 'a Proxy that hides its class: give a plain copy, such as { ...value }'],
  [types.isDate, 'a Date: use date.getTime() or date.toISOString()'],
  [types.isSet, 'a Set: use [...set]'],
  [types.isPromise, 'a Promise: await it first'],
  [types.isNativeError, 'an Error: use error.message'],
  [types.isRegExp, 'a RegExp: use regexp.source'],
  [types.isAnyArrayBuffer, 'an ArrayBuffer: use new Uint8Array(buffer)'],
  [types.isDataView, 'a DataView: use new Uint8Array(view.buffer, view.byteOffset, view.byteLength)'],
  [
    types.isTypedArray,
    'a typed array of numbers: use Array.from(array), or a Uint8Array over its buffer for bytes',
  ],
  [types.isBoxedPrimitive, 'a boxed primitive: use value.valueOf()'],
  [
    (value) => types.isWeakMap(value) || types.isWeakSet(value),
    'a weak collection: its content cannot be listed',
  ],
  [(value) => value instanceof URL, 'a URL: use url.href'],
  [(value) => value instanceof URLSearchParams, 'URLSearchParams: use Object.fromEntries(params)'],
]

function describeInstance(value: object): string {
  if (typeof Reflect.get(value, 'next') === 'function') return 'an iterator: use [...iterator]'
  const maker: unknown = Reflect.get(value, 'constructor')
  const name = typeof maker === 'function' && maker.name !== '' ? maker.name : 'a class without a name'
  if (typeof Reflect.get(value, 'toJSON') === 'function') return `an instance of ${name}: use value.toJSON()`
  if (typeof Reflect.get(value, Symbol.iterator) === 'function') {
    return `an instance of ${name}: use [...value] or Object.fromEntries(value)`
  }
  return `an instance of ${name}: give a plain object, such as { ...value }`
}

/** What the value is and what to give instead: `a Date: use date.getTime() or date.toISOString()`. */
export function describeRefused(value: unknown): string {
  if (typeof value === 'function') return 'a function: give data, not code'
  if (typeof value === 'symbol') return 'a symbol: use symbol.description'
  if (typeof value === 'bigint') return 'a bigint beyond 64 bits: use Number(value) or String(value)'
  if (typeof value === 'string') return 'a string with a lone surrogate: use value.toWellFormed()'
  if (typeof value !== 'object' || value === null) return `of a kind unknown here (${typeof value})`
  for (const [test, text] of ROWS) if (test(value)) return text
  return describeInstance(value)
}

const SHOWN_FIRST = 10
const SHOWN_LAST = 4
const SHOWN_KEY = 64

function partOf(key: unknown): string {
  if (typeof key === 'bigint') return `[${key}n]`
  if (typeof key !== 'string') return `[${String(key)}]`
  const shown = key.length > SHOWN_KEY ? `${key.slice(0, SHOWN_KEY)}…` : key
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(shown) ? `.${shown}` : `[${JSON.stringify(shown)}]`
}

/** `args`, `['user', 'born']` → `args.user.born`; the middle of a very long path is left out. */
export function renderPath(root: string, keys: readonly unknown[]): string {
  if (keys.length <= SHOWN_FIRST + SHOWN_LAST) return root + keys.map(partOf).join('')
  const first = keys.slice(0, SHOWN_FIRST).map(partOf).join('')
  return `${root}${first}…${keys.slice(-SHOWN_LAST).map(partOf).join('')}`
}
