// The options of a run, read at every run: a few property checks when all is well; what is unusual goes the slow way,
// which decides and explains.

import { isCachePrefix } from './bounded-text.js'
import { createError } from './errors.js'
import { MAX_TIMEOUT_MS } from './limits.js'
import { type RunOptions, resolveRunOptions } from './options.js'

/** What a run's options come to. */
export interface RunSettings {
  /** undefined is the space without a prefix. */
  readonly prefix: string | undefined
  readonly timeoutMs: number
}

export interface RunDefaults {
  readonly timeoutMs: number
  readonly requirePrefix: boolean
}

/** True if nothing about the options needs a second look. Reads each option once. */
function isUsual(options: RunOptions, prefix: unknown, timeoutMs: unknown): boolean {
  if (Object.getPrototypeOf(options) !== Object.prototype) return false
  for (const name in options) if (name !== 'cachePrefix' && name !== 'timeoutMs') return false
  if (prefix === undefined ? 'cachePrefix' in options : !isCachePrefix(prefix)) return false
  if (timeoutMs === undefined) return true
  return Number.isInteger(timeoutMs) && (timeoutMs as number) >= 1 && (timeoutMs as number) <= MAX_TIMEOUT_MS
}

export class RunOptionReader {
  readonly #defaults: RunSettings
  readonly #requirePrefix: boolean

  constructor({ timeoutMs, requirePrefix }: RunDefaults) {
    this.#defaults = { prefix: undefined, timeoutMs }
    this.#requirePrefix = requirePrefix
  }

  /** Throws MOONPOOL_INVALID_OPTION or MOONPOOL_PREFIX_REQUIRED; `call` names the method in the message. */
  read(options: RunOptions | undefined, call: string): RunSettings {
    const settings = options === undefined ? this.#defaults : this.#settings(options, call)
    if (this.#requirePrefix && settings.prefix === undefined) throw prefixRequired(call)
    return settings
  }

  #settings(options: RunOptions, call: string): RunSettings {
    if (typeof options === 'object' && options !== null) {
      const { cachePrefix: prefix, timeoutMs } = options
      if (isUsual(options, prefix, timeoutMs))
        return { prefix, timeoutMs: timeoutMs ?? this.#defaults.timeoutMs }
    }
    const { cachePrefix: prefix, timeoutMs } = resolveRunOptions(options, call)
    return { prefix, timeoutMs: timeoutMs ?? this.#defaults.timeoutMs }
  }
}

/** For everything that would touch the space without a prefix under `requirePrefix`. */
export function prefixRequired(call: string) {
  return createError(
    'MOONPOOL_PREFIX_REQUIRED',
    `${call}: this engine was created with cache.requirePrefix, so give a cachePrefix`,
  )
}
