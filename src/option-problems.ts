// What to say about wrong options: every problem at once, each with its path, the bounds and what was given.

import { createError, type MoonpoolError } from './errors.js'
import { isPlainObject } from './plain-object.js'
import { nearestName } from './spelling.js'

export interface Problem {
  /** `limits.timeoutMs`; '' is the options object itself. */
  readonly path: string
  /** What must hold, worded to follow the path: `must be …`. */
  readonly rule: string
  readonly given: unknown
}

/** Names of options, by the path of the object that holds them; '' is the options object itself. */
export type OptionNames = Readonly<Record<string, readonly string[]>>

const SHOWN_CHARACTERS = 60

/** A value in few words, as one would write it. */
export function shown(given: unknown): string {
  if (typeof given === 'string') {
    const text = given.length > SHOWN_CHARACTERS ? `${given.slice(0, SHOWN_CHARACTERS)}…` : given
    return `the string ${JSON.stringify(text)}`
  }
  if (typeof given === 'bigint') return `the bigint ${given}n`
  if (typeof given === 'function') return 'a function'
  if (typeof given === 'symbol') return 'a symbol'
  if (Array.isArray(given)) return 'an array'
  if (Object.is(given, -0)) return '-0'
  if (typeof given !== 'object' || given === null) return String(given)
  return isPlainObject(given) ? 'an object' : `an instance of ${className(given)}`
}

function className(given: object): string {
  const { constructor: type } = given
  return typeof type === 'function' && type.name !== '' ? type.name : 'a class'
}

function join(section: string, name: string): string {
  return section === '' ? name : `${section}.${name}`
}

/** Where a name that is wrong here may have been meant: this section's names first, then all others. */
function suggestion(name: string, section: string, names: OptionNames): string {
  const here = names[section] ?? []
  const near = nearestName(name, here)
  if (near !== undefined) return `did you mean ${near}?`
  const elsewhere = Object.keys(names).flatMap((other) =>
    other === section ? [] : (names[other] ?? []).map((known) => join(other, known)),
  )
  const far = nearestName(name, elsewhere)
  if (far !== undefined) return `did you mean ${far}?`
  return here.length === 0 ? 'this call has no options' : `known here: ${here.join(', ')}`
}

/** One line for each name that no option has. */
export function unknownOptions(given: unknown, names: OptionNames): string[] {
  return Object.keys(names).flatMap((section) => {
    const holder = section === '' ? given : isPlainObject(given) ? given[section] : undefined
    if (!isPlainObject(holder)) return []
    return Object.keys(holder)
      .filter((name) => !names[section]?.includes(name))
      .map((name) => `unknown option ${join(section, name)}: ${suggestion(name, section, names)}`)
  })
}

function problemLine({ path, rule, given }: Problem): string {
  return `${path === '' ? 'the options' : path} ${rule}, got ${shown(given)}`
}

/** The error that lists all of them, undefined if there are none. `call` is what the caller wrote: `createEngine`. */
export function optionError(
  call: string,
  unknown: readonly string[],
  problems: readonly Problem[],
): MoonpoolError | undefined {
  const lines = [...unknown, ...problems.map(problemLine)]
  if (lines.length === 0) return undefined
  const text =
    lines.length === 1
      ? `${call}: ${lines[0]}`
      : `${call}: ${lines.length} options are wrong\n  ${lines.join('\n  ')}`
  return createError('MOONPOOL_INVALID_OPTION', text)
}
