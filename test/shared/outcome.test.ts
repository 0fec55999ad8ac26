import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ERROR_TABLE, type MoonpoolErrorCode } from '../../src/errors.js'
import {
  beginOutcome,
  OUTCOME_ERROR,
  OUTCOME_IMAGE,
  OUTCOME_VALUES,
  readOutcome,
  setDuration,
} from '../../src/shared/outcome.js'
import { ByteWriter, encodeValue, type LuaValue } from '../../src/shared/values.js'
import { MIB } from '../support/encoding.js'

/** Values as a worker appends them to an outcome's header. */
function write(out: ByteWriter, ...values: unknown[]): void {
  for (const value of values) encodeValue(value, out, MIB, 'value')
}

/** The outcome as it lies in the middle of a ring. */
function inRing(out: ByteWriter): { bytes: Buffer; at: number } {
  const bytes = Buffer.from(new SharedArrayBuffer(out.length + 64))
  bytes.fill(0xee)
  bytes.set(out.slice(), 24)
  return { bytes, at: 24 }
}

function valuesOutcome(values: readonly unknown[], durationUs = 0): ByteWriter {
  const out = new ByteWriter()
  beginOutcome(out, OUTCOME_VALUES, undefined)
  out.u32(values.length)
  write(out, ...values)
  setDuration(out, durationUs)
  return out
}

test('values come back in order, however many', () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(undefined))
  fc.assert(
    fc.property(fc.array(leaf, { maxLength: 30 }), fc.nat({ max: 1e9 }), (values, durationUs) => {
      const { bytes, at } = inRing(valuesOutcome(values, durationUs))
      assert.deepEqual(readOutcome(bytes, at), { durationUs, values })
    }),
  )
})

test('what was read does not change with the ring', () => {
  const { bytes, at } = inRing(valuesOutcome(['text', Buffer.from([0xff, 0xfe]), { list: [1, 'two'] }]))
  const { values } = readOutcome(bytes, at)
  bytes.fill(0)
  assert.deepEqual(values, ['text', Uint8Array.of(0xff, 0xfe), { list: [1, 'two'] }])
})

test('every error code crosses, with message, traceback, line and value', () => {
  for (const code of Object.keys(ERROR_TABLE) as MoonpoolErrorCode[]) {
    const out = new ByteWriter()
    beginOutcome(out, OUTCOME_ERROR, code)
    write(out, 'limiter.lua:3: no', 'stack traceback:\n\t…', 3, { reason: 'x' })
    setDuration(out, 12.9)
    const { bytes, at } = inRing(out)
    const value: LuaValue = { reason: 'x' }
    assert.deepEqual(readOutcome(bytes, at), {
      durationUs: 12,
      fault: { code, message: 'limiter.lua:3: no', traceback: 'stack traceback:\n\t…', line: 3, value },
    })
  }
})

test('a message that is no UTF-8 becomes text; an absent value stays absent', () => {
  const out = new ByteWriter()
  beginOutcome(out, OUTCOME_ERROR, 'MOONPOOL_LUA_ERROR')
  write(out, Buffer.from([0x61, 0xff]), '', 0, undefined)
  const { bytes, at } = inRing(out)
  const { fault } = readOutcome(bytes, at)
  assert.deepEqual(
    [fault?.message, fault?.traceback, fault?.line, fault?.value],
    ['a\ufffd', '', 0, undefined],
  )
})

test('a number that is no code is a defect, not a crash', () => {
  const out = new ByteWriter()
  beginOutcome(out, OUTCOME_ERROR, 'MOONPOOL_LUA_ERROR')
  write(out, 'm', 't', 1, undefined)
  const { bytes, at } = inRing(out)
  bytes[at + 1] = 250
  assert.equal(readOutcome(bytes, at).fault?.code, 'MOONPOOL_LUA_ERROR')
})

test('an image was built: nothing but the time it took', () => {
  const out = new ByteWriter()
  beginOutcome(out, OUTCOME_IMAGE, undefined)
  setDuration(out, 5)
  assert.deepEqual(readOutcome(inRing(out).bytes, 24), { durationUs: 5 })
})

test('a writer is used again and again, and a run of a day does not read as a short one', () => {
  const out = valuesOutcome(['a long value that is not there the next time'])
  beginOutcome(out, OUTCOME_VALUES, undefined)
  out.u32(0)
  setDuration(out, 86_400_000_000)
  const { bytes, at } = inRing(out)
  assert.deepEqual(readOutcome(bytes, at), { durationUs: 0xffff_ffff, values: [] })
})

test('a count that the bytes do not hold is refused', () => {
  const out = valuesOutcome([1, 2])
  out.patchU32(8, 0xffff_ffff)
  const bytes = Buffer.from(out.slice())
  assert.throws(() => readOutcome(bytes, 0))
})
