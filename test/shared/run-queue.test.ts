// The run queue as one thread sees it, against a model: several readers stand for several workers.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { INLINE_ARGUMENT_BYTES, MAX_NAME_BYTES, RUN_QUEUE_SLOTS } from '../../src/limits.js'
import { type EncodedArguments, holdBytes } from '../../src/shared/held-bytes.js'
import {
  createRunQueueMemory,
  type QueuedRun,
  RUN_KINDS,
  RunQueueReader,
  RunQueueWriter,
} from '../../src/shared/run-queue.js'
import { queuedRun } from '../support/queued-run.js'

const BEFORE_WRAP = 2 ** 32

const held = (bytes: Uint8Array): EncodedArguments => ({ ...holdBytes(bytes), count: 1 })

test('a run crosses with everything that main said of it', () => {
  const memory = createRunQueueMemory()
  const writer = new RunQueueWriter(memory)
  const reader = new RunQueueReader(memory, 3)
  const run: QueuedRun = {
    id: 0xffff_fffe,
    kind: RUN_KINDS.indexOf('call'),
    image: { id: 0x8000_0001, offset: 0xffff_ffc0 },
    prefix: { cell: 65_535, bytes: 512 },
    timeoutMs: 86_400_000,
    functionName: holdBytes(Buffer.alloc(MAX_NAME_BYTES, 'n')),
    args: { ...holdBytes(Buffer.alloc(INLINE_ARGUMENT_BYTES, 'a')), count: 7 },
  }
  assert.equal(reader.claim(), false)
  assert.equal(reader.hasWaiting(), false)
  assert.ok(writer.push(run))
  assert.equal(writer.waiting, 1)
  assert.ok(reader.hasWaiting())
  assert.ok(reader.claim())
  assert.equal(writer.waiting, 0)
  assert.deepEqual(
    [reader.runId, reader.kind, reader.imageId, reader.imageOffset, reader.prefixCell, reader.prefixBytes],
    [run.id, 'call', run.image.id, run.image.offset, run.prefix.cell, run.prefix.bytes],
  )
  assert.deepEqual(
    [reader.timeoutMs, reader.argumentCount, reader.argumentsAreStreamed],
    [86_400_000, 7, false],
  )
  const { bytes, functionNameAt, functionNameBytes, argumentsAt, argumentBytes } = reader
  const name = bytes.subarray(functionNameAt, functionNameAt + functionNameBytes)
  assert.deepEqual(name, Buffer.alloc(MAX_NAME_BYTES, 'n'))
  const args = bytes.subarray(argumentsAt, argumentsAt + argumentBytes)
  assert.deepEqual(args, Buffer.alloc(INLINE_ARGUMENT_BYTES, 'a'))
})

test('name and arguments cross whole, whatever room they take', () => {
  const memory = createRunQueueMemory()
  const writer = new RunQueueWriter(memory)
  const reader = new RunQueueReader(memory, 0)
  for (const nameBytes of [0, 1, 16, 43, 83, 84, 85, MAX_NAME_BYTES]) {
    for (const argumentBytes of [0, 1, 41, 84, 85, INLINE_ARGUMENT_BYTES]) {
      const functionName = Buffer.alloc(nameBytes, 'name')
      const given = Buffer.alloc(argumentBytes, 'arguments')
      writer.push(queuedRun(1, { functionName: holdBytes(functionName), args: held(given) }))
      writer.push(queuedRun(2, { args: held(Buffer.alloc(84, 'next')) }))
      assert.ok(reader.claim())
      const { bytes, functionNameAt: nameAt, argumentsAt } = reader
      assert.deepEqual(bytes.subarray(nameAt, nameAt + reader.functionNameBytes), functionName)
      assert.deepEqual(bytes.subarray(argumentsAt, argumentsAt + reader.argumentBytes), given)
      reader.release()
      assert.ok(reader.claim())
      assert.equal(
        reader.bytes.toString('utf8', reader.argumentsAt, reader.argumentsAt + 84),
        'next'.repeat(21),
      )
      reader.release()
    }
  }
})

test('arguments beyond the annex are left to the replies ring', () => {
  const memory = createRunQueueMemory()
  const reader = new RunQueueReader(memory, 0)
  new RunQueueWriter(memory).push(queuedRun(1, { args: held(Buffer.alloc(INLINE_ARGUMENT_BYTES + 1)) }))
  assert.ok(reader.claim())
  assert.equal(reader.argumentsAreStreamed, true)
  assert.equal(reader.argumentBytes, INLINE_ARGUMENT_BYTES + 1)
})

test('a full queue refuses until the place of its oldest run is freed', () => {
  const memory = createRunQueueMemory()
  const writer = new RunQueueWriter(memory)
  const [first, second] = [new RunQueueReader(memory, 0), new RunQueueReader(memory, 1)]
  for (let id = 1; id <= RUN_QUEUE_SLOTS; id++) assert.ok(writer.push(queuedRun(id)))
  assert.equal(writer.push(queuedRun(999)), false)
  assert.ok(first.claim() && second.claim())
  assert.equal(writer.push(queuedRun(999)), false, 'claimed is not freed')
  second.release()
  assert.equal(writer.push(queuedRun(999)), false, 'another place is free, but not the next one')
  first.release()
  assert.ok(writer.push(queuedRun(999)))
  assert.ok(writer.push(queuedRun(1000)))
  assert.equal(writer.push(queuedRun(1001)), false)
})

test('a place is freed once, whatever its worker says afterwards', () => {
  const memory = createRunQueueMemory()
  const writer = new RunQueueWriter(memory)
  const reader = new RunQueueReader(memory, 0)
  reader.release()
  writer.push(queuedRun(1))
  assert.ok(reader.claim())
  reader.release()
  for (let id = 2; id <= RUN_QUEUE_SLOTS + 1; id++) assert.ok(writer.push(queuedRun(id)))
  reader.release()
  assert.ok(reader.claim())
  assert.equal(reader.runId, 2, 'the run that lies in the same place a lap later was not freed')
})

test('runs that a dead worker had claimed come back, and no others', () => {
  const memory = createRunQueueMemory()
  const writer = new RunQueueWriter(memory)
  const [dead, alive] = [new RunQueueReader(memory, 0), new RunQueueReader(memory, 1)]
  for (let id = 1; id <= 4; id++) writer.push(queuedRun(id))
  assert.ok(dead.claim())
  dead.release()
  assert.ok(dead.claim() && alive.claim())
  assert.deepEqual(writer.takeBack(0), [2])
  assert.deepEqual(writer.takeBack(0), [])
  assert.deepEqual(writer.takeUnclaimed(), [4])
  assert.deepEqual(writer.takeUnclaimed(), [])
  assert.equal(alive.runId, 3)
  assert.equal(alive.claim(), false)
  alive.release()
  for (let id = 10; id < 10 + RUN_QUEUE_SLOTS; id++)
    assert.ok(writer.push(queuedRun(id)), 'all places are free')
  assert.ok(alive.claim())
  assert.equal(alive.runId, 10)
})

const WORKERS = 3

/** What the queue should do: places in a circle, claimed strictly in order. */
class Model {
  readonly #places: ({ id: number; owner: number } | undefined)[] = new Array(RUN_QUEUE_SLOTS)
  readonly #unclaimed: number[] = []
  #tail: number

  constructor(start: number) {
    this.#tail = start
  }

  push(id: number): boolean {
    const place = this.#tail % RUN_QUEUE_SLOTS
    if (this.#places[place]) return false
    this.#places[place] = { id, owner: -1 }
    this.#unclaimed.push(place)
    this.#tail++
    return true
  }

  claim(worker: number): number | undefined {
    const place = this.#places[this.#unclaimed.shift() ?? -1]
    if (place) place.owner = worker
    return place?.id
  }

  get waiting(): number {
    return this.#unclaimed.length
  }

  /** One of the runs that wait or have waited, if any. */
  pick(number: number): number | undefined {
    const places = this.#places.filter((place) => place !== undefined)
    return places[number % places.length]?.id
  }

  withdraw(id: number): boolean {
    const index = this.#places.findIndex((place) => place?.id === id && place.owner < 0)
    if (index < 0) return false
    this.#places[index] = undefined
    this.#unclaimed.splice(this.#unclaimed.indexOf(index), 1)
    return true
  }

  /** Empties the places of this owner; -1 stands for those that nobody has claimed. */
  free(owner: number): number[] {
    const ids: number[] = []
    for (const [index, place] of this.#places.entries()) {
      if (place?.owner !== owner) continue
      ids.push(place.id)
      this.#places[index] = undefined
    }
    if (owner < 0) this.#unclaimed.length = 0
    return ids
  }
}

const worker = fc.nat({ max: WORKERS - 1 })
const stepArbitrary = fc.oneof(
  fc.record({
    kind: fc.constant('push' as const),
    count: fc.oneof(fc.nat({ max: 4 }), fc.nat({ max: 300 })),
  }),
  fc.record({ kind: fc.constant('claim' as const), worker }),
  fc.record({ kind: fc.constant('claim' as const), worker }),
  fc.record({ kind: fc.constant('drain' as const), worker, count: fc.nat({ max: 300 }) }),
  fc.record({ kind: fc.constant('release' as const), worker }),
  fc.record({ kind: fc.constant('die' as const), worker }),
  fc.record({ kind: fc.constant('withdraw' as const), number: fc.nat({ max: 300 }) }),
  fc.record({ kind: fc.constant('withdraw' as const), number: fc.nat({ max: 3 }) }),
  fc.record({ kind: fc.constant('takeUnclaimed' as const) }),
)
type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never

class Pair {
  readonly #memory: SharedArrayBuffer
  readonly #writer: RunQueueWriter
  readonly #model: Model
  readonly #readers: RunQueueReader[]
  readonly #holding: boolean[] = new Array(WORKERS).fill(false)
  #lastId = 0

  constructor(start: number) {
    this.#memory = createRunQueueMemory(start)
    this.#writer = new RunQueueWriter(this.#memory)
    this.#model = new Model(start)
    this.#readers = Array.from({ length: WORKERS }, (_, index) => new RunQueueReader(this.#memory, index))
  }

  run(step: Step): void {
    if (step.kind === 'push') for (let i = 0; i < step.count; i++) this.#push()
    else if (step.kind === 'claim') this.#claim(step.worker)
    else if (step.kind === 'drain') for (let i = 0; i < step.count; i++) this.#claim(step.worker)
    else if (step.kind === 'release') this.#release(step.worker)
    else if (step.kind === 'die') this.#die(step.worker)
    else if (step.kind === 'withdraw') this.#withdraw(step.number)
    else this.#takeUnclaimed()
    assert.equal(this.#writer.waiting, this.#model.waiting)
  }

  #takeUnclaimed(): void {
    const inOrder = this.#model.free(-1).sort((one, other) => one - other)
    assert.deepEqual(this.#writer.takeUnclaimed(), inOrder)
  }

  #withdraw(number: number): void {
    assert.equal(this.#writer.withdraw(this.#lastId + 1), false)
    const id = this.#model.pick(number)
    if (id === undefined) return
    assert.equal(this.#writer.withdraw(id), this.#model.withdraw(id))
    assert.equal(this.#writer.withdraw(id), false)
  }

  #push(): void {
    const id = ++this.#lastId
    assert.equal(this.#writer.push(queuedRun(id)), this.#model.push(id))
  }

  #claim(index: number): void {
    this.#release(index)
    const reader = this.#readers[index] as RunQueueReader
    const expected = this.#model.claim(index)
    assert.equal(reader.claim(), expected !== undefined)
    if (expected === undefined) return
    this.#holding[index] = true
    assert.equal(reader.runId, expected)
    assert.equal(reader.bytes[reader.argumentsAt], expected & 0xff, 'the arguments are those of the run')
  }

  #release(index: number): void {
    ;(this.#readers[index] as RunQueueReader).release()
    assert.equal(this.#model.free(index).length, this.#holding[index] ? 1 : 0)
    this.#holding[index] = false
  }

  #die(index: number): void {
    assert.deepEqual(this.#writer.takeBack(index), this.#model.free(index))
    this.#readers[index] = new RunQueueReader(this.#memory, index)
    this.#holding[index] = false
  }
}

for (const [name, startArbitrary] of [
  ['from 0', fc.constant(0)],
  ['across 2^31', fc.nat({ max: 700 }).map((before) => 2 ** 31 - before)],
  ['across 2^32', fc.nat({ max: 700 }).map((before) => BEFORE_WRAP - 1 - before)],
] as const) {
  test(`any sequence goes as in the model, sequence numbers ${name}`, () => {
    fc.assert(
      fc.property(startArbitrary, fc.array(stepArbitrary, { maxLength: 40 }), (start, steps) => {
        const pair = new Pair(start)
        for (const step of steps) pair.run(step)
      }),
      { numRuns: 100 },
    )
  })
}
