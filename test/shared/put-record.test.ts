import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beginPut, PUT_KEY_AT, putExpiresAtMs, putKeyEnd } from '../../src/shared/put-record.js'
import { ByteWriter } from '../../src/shared/values.js'

test('what is written of a put is read back, wherever key and record lie', () => {
  const record = new ByteWriter(1)
  for (const keyBytes of [0, 1, 3, 4, 5, 63, 64, 65, 1024, 65_535]) {
    for (const expiresAtMs of [Number.POSITIVE_INFINITY, 0, -1.5, 86_400_000.25, 2 ** 52]) {
      const memory = Uint8Array.from({ length: keyBytes + 7 }, (_, i) => (i * 31) & 0xff)
      record.raw(new Uint8Array(9))
      beginPut(record, expiresAtMs, memory, 5, keyBytes)
      assert.equal(record.length, PUT_KEY_AT + keyBytes)
      record.raw(Uint8Array.of(1, 2, 3))
      const at = 16
      const bytes = Buffer.concat([Buffer.alloc(at, 0xee), record.slice()])
      assert.equal(putExpiresAtMs(bytes, at), expiresAtMs)
      const end = putKeyEnd(bytes, at)
      assert.deepEqual(bytes.subarray(at + PUT_KEY_AT, end), Buffer.from(memory.subarray(5, 5 + keyBytes)))
      assert.deepEqual([...bytes.subarray(end)], [1, 2, 3])
    }
  }
})

test('the key begins at a whole word, since records begin at a multiple of 8', () => {
  assert.equal(PUT_KEY_AT % 4, 0)
})
