// A result as JSON can hold it.

import { createError } from '../errors.js'
import type { LuaValue } from '../index.js'

/** nil becomes null; throws MOONPOOL_INVALID_VALUE where JSON has no counterpart, naming the path. */
export function asJson(value: LuaValue, path = 'the result'): unknown {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (Array.isArray(value)) return value.map((element, index) => asJson(element, `${path}[${index + 1}]`))
  const isObject = typeof value === 'object' && !(value instanceof Map) && !(value instanceof Uint8Array)
  if (!isObject) throw createError('MOONPOOL_INVALID_VALUE', `JSON cannot hold ${path}: leave out --json`)
  const entries = Object.entries(value as Readonly<Record<string, LuaValue>>)
  return Object.fromEntries(entries.map(([name, element]) => [name, asJson(element, `${path}.${name}`)]))
}
