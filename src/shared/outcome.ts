// What a run ended with, as bytes at the end of the run's records in the outbox.
//
//   byte 0   0 values, 1 error, 2 an image was built
//   byte 1   error code's number (errors.ts), else 0
//   byte 4   u32 how long the run held its worker, in µs
//   byte 8   values: u32 count, values…
//            error:  message, traceback (strings), line (integer, 0 unknown), then what Lua raised if it was a table
//            image:  nothing

import { codeNumber, codeOfNumber, type MoonpoolErrorCode } from '../errors.js'
import { type ByteWriter, type Cursor, decodeValue, type LuaValue } from './values.js'

export const OUTCOME_VALUES = 0
export const OUTCOME_ERROR = 1
export const OUTCOME_IMAGE = 2
const DURATION_AT = 4
/** More than an hour; what took longer says this. */
const MAX_DURATION_US = 0xffff_ffff
const COUNT_AT = 8

/** A run's error as it crosses the threads. */
export interface FaultReport {
  readonly code: MoonpoolErrorCode
  readonly message: string
  readonly traceback: string
  /** 0: unknown. */
  readonly line: number
}

export interface Outcome {
  readonly durationUs: number
  readonly values?: LuaValue[]
  readonly fault?: FaultReport & { readonly value?: LuaValue }
}

/** Worker: begins an outcome in an empty writer; values, or a fault's parts, follow. */
export function beginOutcome(out: ByteWriter, kind: number, code: MoonpoolErrorCode | undefined): void {
  out.length = 0
  out.reserve(COUNT_AT)
  out.view.setUint32(0, kind | ((code === undefined ? 0 : codeNumber(code)) << 8), true)
  out.view.setUint32(DURATION_AT, 0, true)
  out.length = COUNT_AT
}

/** Worker: the last thing before the outcome is sent. */
export function setDuration(out: ByteWriter, durationUs: number): void {
  out.patchU32(DURATION_AT, Math.min(durationUs, MAX_DURATION_US))
}

/** Main: reads an outcome. `bytes` may be the ring itself: everything is copied out. */
export function readOutcome(bytes: Buffer, at: number): Outcome {
  const durationUs = bytes.readUInt32LE(at + DURATION_AT)
  const kind = bytes[at]
  if (kind === OUTCOME_IMAGE) return { durationUs }
  const cursor: Cursor = { offset: at + COUNT_AT }
  if (kind === OUTCOME_VALUES) {
    const count = bytes.readUInt32LE(cursor.offset)
    cursor.offset += 4
    // One is the rule, and an array that grows by `push` would take room for seventeen.
    const values: LuaValue[] = count > 0 ? [decodeValue(bytes, cursor)] : []
    for (let n = 1; n < count; n++) values.push(decodeValue(bytes, cursor))
    return { durationUs, values }
  }
  return { durationUs, fault: readFault(bytes, cursor, codeOfNumber(bytes[at + 1] as number)) }
}

function readFault(bytes: Buffer, cursor: Cursor, code: MoonpoolErrorCode): NonNullable<Outcome['fault']> {
  const message = textOf(decodeValue(bytes, cursor))
  const traceback = textOf(decodeValue(bytes, cursor))
  const line = Number(decodeValue(bytes, cursor))
  const value = decodeValue(bytes, cursor)
  return { code, message, traceback, line, value }
}

/** Lua strings need not be UTF-8; a message has to be text. */
function textOf(value: LuaValue): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value)
}
