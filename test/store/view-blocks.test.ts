import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HashedKey, hashSecret } from '../../src/shared/key-hash.js'
import { createViewMemory, openView, wordsBeforeValue } from '../../src/shared/view-layout.js'
import { arenaBufferBytes } from '../../src/store/arena.js'
import { ViewBlocks } from '../../src/store/view-blocks.js'
import { bytes, FOREVER, range, text } from './fixture.js'

const SECRET = hashSecret(new Uint8Array(8))

function createBlocks(arenaBytes = 4096) {
  const sizes = { maxEntries: 4, maxKeyBytes: 64, stripes: 1, arenaBytes: arenaBufferBytes(arenaBytes) }
  const view = openView(createViewMemory(sizes, SECRET))
  return { view, blocks: new ViewBlocks(view) }
}

function keyOf(name: string): HashedKey {
  const key = new HashedKey(SECRET, 64)
  key.setBytes(1, bytes(name))
  return key
}

test('a block gives back key and value, whatever their lengths', () => {
  const { blocks } = createBlocks(65_536)
  for (let keyBytes = 0; keyBytes < 20; keyBytes++) {
    for (let valueBytes = 0; valueBytes < 20; valueBytes++) {
      const value = 'value of any length!'.slice(0, valueBytes)
      const key = keyOf('k'.repeat(keyBytes))
      const block = blocks.write(key, range(value), FOREVER)
      assert.equal(text(blocks.value(block, keyBytes, valueBytes)), value)
      assert.ok(blocks.hasKey(block, key))
      if (keyBytes > 0) assert.ok(!blocks.hasKey(block, keyOf(`${'k'.repeat(keyBytes - 1)}x`)))
    }
  }
})

test('a key is compared by its own bytes, not by those an older key left behind it', () => {
  const { blocks } = createBlocks()
  const key = keyOf('a longer key was here before')
  key.setBytes(1, bytes('key'))
  const block = blocks.write(key, range('v'), FOREVER)
  assert.ok(blocks.hasKey(block, keyOf('key')))
})

test('nothing of an older value stays in the last 64 bits of a shorter one', () => {
  const { view, blocks } = createBlocks()
  const key = keyOf('key')
  const old = blocks.write(key, range('#'.repeat(16)), FOREVER)
  blocks.free(old)
  const block = blocks.write(key, range('123456789'), FOREVER)
  assert.equal(block, old)
  const valueAt = (block + wordsBeforeValue(3)) * 4
  assert.equal(text(view.arenaBytes.slice(valueAt, valueAt + 16)), `123456789${'\0'.repeat(7)}`)
})

test('a short value may take the place of another where the block keeps its size, and of no other', () => {
  const { blocks } = createBlocks()
  const key = keyOf('key')
  const block = blocks.write(key, range('#'.repeat(20)), FOREVER)
  assert.ok(!blocks.stage(block, 3, range('#'.repeat(30))))
  assert.ok(!blocks.stage(block, 3, range('#'.repeat(8))))
  assert.ok(blocks.stage(block, 3, range('#'.repeat(24))))
  assert.ok(blocks.stage(block, 3, range('123456789abcdefgh')))
  assert.equal(text(new Uint8Array(blocks.staged.buffer, 0, 24)), `123456789abcdefgh${'\0'.repeat(7)}`)
  const long = blocks.write(key, range('#'.repeat(80)), FOREVER)
  assert.ok(!blocks.stage(long, 3, range('#'.repeat(80))))
})

test('a block that does not fit is none, and to free none changes nothing', () => {
  const { blocks } = createBlocks(256)
  const key = keyOf('key')
  assert.equal(blocks.write(key, range('x'.repeat(300)), FOREVER), 0)
  blocks.free(0)
  const block = blocks.write(key, range('x'.repeat(200)), FOREVER)
  assert.notEqual(block, 0)
  assert.equal(blocks.write(key, range('x'.repeat(100)), FOREVER), 0)
  blocks.free(block)
  assert.equal(blocks.write(key, range('x'.repeat(200)), FOREVER), block)
})
