import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HashedKey } from '../../src/shared/key-hash.js'
import { beginPut, PUT_KEY_AT, putExpiresAtMs, putKeyBytes, putValueAt } from '../../src/shared/put-record.js'
import { ByteWriter } from '../../src/shared/values.js'

const SECRET = { k0: 1, k1: 2 }

test('what is written of a put is read back, wherever the record lies, and nothing of an older one shows', () => {
  const record = new ByteWriter(1)
  const key = new HashedKey(SECRET, 65_535)
  for (const keyBytes of [65_535, 0, 1, 3, 4, 5, 7, 8, 9, 63, 64, 65, 1024]) {
    for (const expiresAtMs of [Number.POSITIVE_INFINITY, 0, -1.5, 86_400_000.25, 2 ** 52]) {
      const keyContent = Uint8Array.from({ length: keyBytes }, (_, i) => (i * 31) | 1)
      record.raw(new Uint8Array(80).fill(0xff))
      key.setBytes(1, keyContent)
      beginPut(record, expiresAtMs, key)
      record.raw(Uint8Array.of(1, 2, 3))
      const at = 16
      const bytes = Buffer.concat([Buffer.alloc(at, 0xee), record.slice()])
      assert.equal(putExpiresAtMs(bytes, at), expiresAtMs)
      assert.equal(putKeyBytes(bytes, at), keyBytes)
      const keyEnd = at + PUT_KEY_AT + keyBytes
      const valueAt = at + putValueAt(keyBytes)
      assert.deepEqual(bytes.subarray(at + PUT_KEY_AT, keyEnd), Buffer.from(keyContent))
      assert.deepEqual(bytes.subarray(keyEnd, valueAt), Buffer.alloc(valueAt - keyEnd))
      assert.deepEqual([...bytes.subarray(valueAt)], [1, 2, 3])
    }
  }
})

test('key and value begin at whole words, since records begin at a multiple of 8', () => {
  assert.equal(PUT_KEY_AT % 4, 0)
  for (let keyBytes = 0; keyBytes < 40; keyBytes++) assert.equal(putValueAt(keyBytes) % 8, 0)
})
