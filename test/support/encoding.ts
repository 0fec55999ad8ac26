// Encoding and its refusals, as tests use them.

import assert from 'node:assert/strict'
import { MoonpoolError } from '../../src/errors.js'
import { ByteWriter, decodeValue, encodeValue, type LuaValue } from '../../src/shared/values.js'

export const MIB = 2 ** 20

export function encode(value: unknown, maxBytes = MIB): Uint8Array {
  const out = new ByteWriter()
  encodeValue(value, out, maxBytes, 'args')
  return out.slice()
}

export const roundTrip = (value: unknown, maxBytes?: number): LuaValue =>
  decodeValue(encode(value, maxBytes), { offset: 0 })

/** The error that this value is refused with. */
export function refusal(value: unknown, maxBytes = MIB): MoonpoolError {
  const out = new ByteWriter()
  out.u8(77)
  try {
    encodeValue(value, out, maxBytes, 'args')
  } catch (error) {
    assert.ok(error instanceof MoonpoolError)
    assert.equal(error.code, 'MOONPOOL_INVALID_VALUE')
    assert.equal(out.length, 1, 'the writer is as before')
    return error
  }
  assert.fail('was not refused')
}
