// A script's source as bytes, and what names it: its digest and the name made of that.

import { createHash } from 'node:crypto'
import { types } from 'node:util'
import { createError } from './errors.js'
import { shown } from './option-problems.js'
import { isWellFormed } from './shared/utf8.js'

export interface ScriptIdentity {
  /** SHA-256 of the source, lower-case hex. */
  readonly digest: string
  /** Where the host gave none. */
  readonly defaultName: string
}

const NAME_DIGITS = 8
/** What is written like this is never Lua: a name alone is no statement. */
const FILE_NAME = /^(?!return)(?!.*--)[\w./\\:@-]+\.lua$/
const MAX_FILE_NAME = 255

function refuse(call: string, text: string) {
  return createError('MOONPOOL_INVALID_OPTION', `${call}: ${text}`)
}

/** A copy of the source that nobody else holds. */
export function sourceBytesOf(source: unknown, maxBytes: number, call: string): Uint8Array {
  const bytes = encoded(source, maxBytes, call)
  if (bytes.length <= maxBytes) return bytes
  throw tooLong(call, maxBytes, bytes.length)
}

function encoded(source: unknown, maxBytes: number, call: string): Uint8Array {
  if (types.isUint8Array(source)) {
    if (source.length > maxBytes) throw tooLong(call, maxBytes, source.length)
    return Uint8Array.from(source)
  }
  if (typeof source !== 'string')
    throw refuse(call, `the source must be a string or a Uint8Array, got ${shown(source)}`)
  if (source.length > maxBytes) throw tooLong(call, maxBytes, source.length)
  if (source.length <= MAX_FILE_NAME && FILE_NAME.test(source)) throw fileName(call, source)
  if (isWellFormed(source)) return new TextEncoder().encode(source)
  throw refuse(
    call,
    'the source holds a lone surrogate, which UTF-8 cannot: mend the text, or give its bytes',
  )
}

function fileName(call: string, source: string) {
  return refuse(call, `'${source}' is the name of a file: give its text, readFileSync('${source}')`)
}

function tooLong(call: string, maxBytes: number, sizeBytes: number) {
  return refuse(
    call,
    `the source has ${sizeBytes} bytes or more, limits.sourceBytes is ${maxBytes}: raise it, or load less`,
  )
}

export function identify(source: Uint8Array): ScriptIdentity {
  const digest = createHash('sha256').update(source).digest('hex')
  return { digest, defaultName: `script-${digest.slice(0, NAME_DIGITS)}` }
}
