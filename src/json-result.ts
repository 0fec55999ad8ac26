// Results as JSON keeps them: row T3. Decoded values are looked through, not copied: within a table nothing has to change,
// because a table has no entries that are nil.

import { createError, type MoonpoolError } from './errors.js'
import type { LuaValue } from './shared/values.js'

/** What JSON keeps as it is. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }

/** Which value JSON has no way to write, and why. */
class Misfit {
  readonly what: string
  path = ''

  constructor(what: string) {
    this.what = what
  }

  /** The value lies in a table, under this key. */
  under(step: string): this {
    this.path = step + this.path
    return this
  }
}

/** A path is put together only when there is something to say. */
function misfitOf(value: LuaValue): Misfit | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? undefined : new Misfit(`is ${value}, which JSON has no number for`)
    case 'bigint':
      return new Misfit(`is the integer ${value}, which JSON numbers do not hold exactly: return tostring(…)`)
    case 'object':
      return misfitOfObject(value)
    default:
      return undefined
  }
}

function misfitOfObject(value: Exclude<LuaValue, string | number | bigint | boolean | undefined>) {
  if (value instanceof Uint8Array) return new Misfit('is a string that is no UTF-8')
  if (value instanceof Map)
    return new Misfit('is a table that is neither a list (keys 1 to n) nor has text keys only')
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const misfit = misfitOf(value[index])
      if (misfit !== undefined) return misfit.under(`[${index}]`)
    }
    return undefined
  }
  for (const key of Object.keys(value)) {
    const misfit = misfitOf(value[key])
    if (misfit !== undefined)
      return misfit.under(/^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${shownKey(key)}]`)
  }
  return undefined
}

const SHOWN_CHARACTERS = 60

function shownKey(key: string): string {
  return JSON.stringify(key.length > SHOWN_CHARACTERS ? `${key.slice(0, SHOWN_CHARACTERS)}…` : key)
}

/** The value, nil as null; or MOONPOOL_INVALID_VALUE. `name` is what the path begins with. */
export function asJson(value: LuaValue, name: string, scriptName: string): JsonValue {
  if (value === undefined) return null
  const misfit = misfitOf(value)
  if (misfit === undefined) return value as JsonValue
  throw refused(misfit, name, scriptName)
}

/** The same for each of several results. */
export function allAsJson(values: readonly LuaValue[], scriptName: string): JsonValue[] {
  return values.map((value, index) => asJson(value, `result[${index}]`, scriptName))
}

function refused({ path, what }: Misfit, name: string, scriptName: string): MoonpoolError {
  return createError(
    'MOONPOOL_INVALID_VALUE',
    `${scriptName}: ${name}${path} ${what}; the run was asked for with result: 'json'`,
    { script: scriptName },
  )
}
