// What a promise rejected with, narrowed to this package's errors.

import assert from 'node:assert/strict'
import { MoonpoolError, type MoonpoolErrorCode } from '../../src/index.js'

/** The error, after checking its code and, if given, its message. */
export async function rejection(
  promise: Promise<unknown>,
  code: MoonpoolErrorCode,
  message?: RegExp,
): Promise<MoonpoolError> {
  const error: unknown = await promise.then(
    (value) => assert.fail(`resolved with ${String(value)} instead of rejecting with ${code}`),
    (reason: unknown) => reason,
  )
  return checked(error, code, message)
}

/** The same for what throws at once. */
export function thrown(call: () => unknown, code: MoonpoolErrorCode, message?: RegExp): MoonpoolError {
  let error: unknown
  try {
    call()
  } catch (reason) {
    error = reason
  }
  return checked(error, code, message)
}

function checked(error: unknown, code: MoonpoolErrorCode, message: RegExp | undefined): MoonpoolError {
  assert.ok(error instanceof MoonpoolError, `not an error of moonpool: ${String(error)}`)
  assert.equal(error.code, code, error.message)
  if (message !== undefined) assert.match(error.message, message)
  return error
}
