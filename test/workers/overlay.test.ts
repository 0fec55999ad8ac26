import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GONE, NOT_HERE, UNKNOWN, WRITTEN } from '../../workers/overlay.js'
import { CAPACITY, MAX_RECORD, NEVER, Worker } from './overlay-fixture.js'

test('an unapplied put, overwrite and delete are found; applied, they are not', () => {
  const worker = new Worker()
  assert.ok(worker.overlay.isEmpty)
  assert.equal(worker.find('a'), NOT_HERE)
  worker.put('a', 'first')
  worker.put('b', 'other')
  assert.equal(worker.overlay.isEmpty, false)
  assert.equal(worker.find('a'), 'first')
  worker.put('a', 'second')
  assert.equal(worker.find('a'), 'second')
  worker.delete('a')
  assert.equal(worker.find('a'), GONE)
  worker.put('a', 'third')
  assert.equal(worker.find('a'), 'third')
  assert.equal(worker.find('c'), NOT_HERE)
  worker.applyAll()
  assert.ok(worker.overlay.isEmpty)
  for (const key of ['a', 'b', 'c']) assert.equal(worker.find(key), NOT_HERE)
})

test('each write stops speaking when it is applied, the newer ones go on', () => {
  const worker = new Worker()
  worker.put('a', '1')
  worker.put('b', '2')
  worker.put('a', '3')
  worker.applyOne()
  assert.deepEqual([worker.find('a'), worker.find('b')], ['3', '2'])
  worker.applyOne()
  assert.deepEqual([worker.find('a'), worker.find('b')], ['3', NOT_HERE])
  worker.applyOne()
  assert.deepEqual([worker.find('a'), worker.find('b')], [NOT_HERE, NOT_HERE])
})

test('an expired put is gone from its instant on, and the clock is not asked for others', () => {
  const worker = new Worker()
  worker.put('a', 'short', 100)
  worker.put('b', 'long')
  worker.nowMs = 99.9
  assert.equal(worker.find('a'), 'short')
  worker.nowMs = 100
  assert.equal(worker.find('a'), GONE)
  worker.key.setBytes(1, Buffer.from('b'))
  assert.equal(
    worker.overlay.find(worker.key, () => assert.fail('the clock was read')),
    WRITTEN,
  )
})

test('keys of every length up to a few words, that differ in one byte or are prefixes of one another', () => {
  const worker = new Worker()
  const keys = ['']
  for (let length = 1; length <= 13; length++) {
    for (let at = 0; at < length; at++) keys.push(`${'k'.repeat(at)}x${'k'.repeat(length - at - 1)}`)
    keys.push('k'.repeat(length), `${'k'.repeat(length - 1)}\0`)
  }
  const distinct = [...new Set(keys)]
  for (const [index, key] of distinct.entries()) worker.put(key, `v${index}`)
  for (const [index, key] of distinct.entries()) assert.equal(worker.find(key), `v${index}`)
  for (const key of distinct) worker.delete(key)
  for (const key of distinct) assert.equal(worker.find(key), GONE)
})

test('incarnations of a prefix have nothing in common', () => {
  const worker = new Worker()
  worker.put('a', 'one', NEVER, 1)
  worker.put('a', 'two', NEVER, 2)
  worker.delete('b', 1)
  assert.deepEqual([worker.find('a', 1), worker.find('a', 2), worker.find('a', 3)], ['one', 'two', NOT_HERE])
  assert.deepEqual([worker.find('b', 1), worker.find('b', 2)], [GONE, NOT_HERE])
})

test('equal hashes do not make keys equal', () => {
  const worker = new Worker({ slots: 8 })
  worker.put('aa', 'a')
  worker.key.setBytes(1, Buffer.from('bb'))
  const { hash } = worker.key
  worker.key.setBytes(1, Buffer.from('aa'))
  const ofA = worker.key.hash
  worker.key.setBytes(1, Buffer.from('bb'))
  worker.key.hash = ofA
  assert.equal(
    worker.overlay.find(worker.key, () => false),
    NOT_HERE,
  )
  assert.notEqual(hash, ofA)
})

test('a value in chunks is asked for until it is applied, and so is all that was written before it', () => {
  const worker = new Worker()
  worker.put('a', 'before')
  worker.putSized('big', 'x', MAX_RECORD, NEVER)
  worker.put('b', 'behind')
  assert.deepEqual([worker.find('big'), worker.find('a'), worker.find('c')], [UNKNOWN, UNKNOWN, UNKNOWN])
  assert.equal(worker.find('b'), 'behind')
  worker.delete('big')
  assert.equal(worker.find('big'), GONE)
  worker.applyOne()
  assert.deepEqual([worker.find('a'), worker.find('c')], [UNKNOWN, UNKNOWN])
  worker.applyOne()
  assert.deepEqual([worker.find('a'), worker.find('c')], [NOT_HERE, NOT_HERE])
  assert.deepEqual([worker.find('b'), worker.find('big')], ['behind', GONE])
})

test('more unapplied writes than it has room for: main is asked, until they are applied', () => {
  const worker = new Worker({ slots: 8 })
  for (let n = 0; n < 4; n++) worker.put(`k${n}`, `${n}`)
  for (let n = 0; n < 4; n++) assert.equal(worker.find(`k${n}`), `${n}`)
  worker.put('k4', '4')
  for (let n = 0; n < 5; n++) assert.equal(worker.find(`k${n}`), UNKNOWN)
  worker.put('k5', '5')
  assert.equal(worker.find('k5'), '5')
  for (let n = 0; n < 5; n++) worker.applyOne()
  assert.equal(worker.find('k4'), NOT_HERE)
  assert.equal(worker.find('k5'), '5')
})

test('applied writes make room for new ones', () => {
  const worker = new Worker({ slots: 8 })
  for (let n = 0; n < 1000; n++) {
    worker.put(`k${n}`, `${n}`)
    if (n >= 2) worker.applyOne()
    for (let back = 0; back < Math.min(2, n + 1); back++) {
      assert.equal(worker.find(`k${n - back}`), `${n - back}`)
    }
    assert.equal(worker.find(`k${n - 2}`), NOT_HERE)
  }
})

test('round the end of the ring, and across the wrap of its count', () => {
  for (const start of [0, 2 ** 31 - CAPACITY / 2, 2 ** 32 - CAPACITY / 2]) {
    const worker = new Worker({ start })
    for (let n = 0; n < 5000; n++) {
      worker.put(`key${n % 10}`, `${n}${'.'.repeat(n % 60)}`)
      if (n >= 5) worker.applyOne()
      assert.equal(worker.find(`key${n % 10}`), `${n}${'.'.repeat(n % 60)}`)
      if (n >= 9) assert.equal(worker.find(`key${(n + 4) % 10}`), NOT_HERE)
    }
  }
})

/** Everything but writes goes through the outbox, too: outcomes, prints, questions. */
function carry(worker: Worker, totalBytes: number): void {
  const bytes = new Uint8Array(MAX_RECORD)
  for (let sent = 0; sent < totalBytes; sent += MAX_RECORD + 24) {
    worker.writer.append(17, 1, 0, bytes, MAX_RECORD)
    worker.applyOne()
  }
}

test('after 2 GiB of other messages an old write does not come back, and what was never written is known not to be', () => {
  const worker = new Worker()
  worker.put('a', 'old')
  worker.applyAll()
  carry(worker, 2 ** 31 + CAPACITY)
  assert.ok(worker.overlay.isEmpty)
  assert.equal(worker.find('a'), NOT_HERE)
  worker.put('b', 'new')
  assert.deepEqual([worker.find('a'), worker.find('b')], [NOT_HERE, 'new'])
})
