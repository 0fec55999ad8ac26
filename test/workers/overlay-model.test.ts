// Random histories: whatever the overlay answers, a plain list of the unapplied writes answers the same.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { GONE, NOT_HERE, UNKNOWN } from '../../workers/overlay.js'
import { CAPACITY, MAX_RECORD, NEVER, Worker } from './overlay-fixture.js'

type Step = { do: 'put' | 'delete' | 'find' | 'apply' | 'pass'; key: number; size: number }

/** What main has applied is no longer the overlay's; what it has not is answered by the newest write of the key. */
class Model {
  readonly #unapplied: { key: number; value: string | undefined; expiresAtMs: number }[] = []

  write(key: number, value: string | undefined, expiresAtMs = NEVER): void {
    this.#unapplied.push({ key, value, expiresAtMs })
  }

  apply(): void {
    this.#unapplied.shift()
  }

  find(key: number, nowMs: number): string | number {
    const write = this.#unapplied.findLast((candidate) => candidate.key === key)
    if (write === undefined) return NOT_HERE
    return write.value === undefined || !(nowMs < write.expiresAtMs) ? GONE : write.value
  }
}

const KEYS = ['', 'k', 'key', 'keys', 'keys5', 'a key of some words', 'a key of some wordz', 'o\0', 'o']

const stepArbitrary: fc.Arbitrary<Step> = fc.record({
  do: fc.oneof(
    { weight: 4, arbitrary: fc.constant('put' as const) },
    { weight: 4, arbitrary: fc.constant('apply' as const) },
    { weight: 3, arbitrary: fc.constant('find' as const) },
    { weight: 1, arbitrary: fc.constantFrom('delete' as const, 'pass' as const) },
  ),
  key: fc.nat({ max: KEYS.length - 1 }),
  size: fc.oneof(
    { weight: 20, arbitrary: fc.nat({ max: 100 }) },
    { weight: 2, arbitrary: fc.integer({ min: 5000, max: MAX_RECORD - 60 }) },
    { weight: 1, arbitrary: fc.integer({ min: MAX_RECORD, max: 2 * MAX_RECORD }) },
  ),
})

/** Says how many finds were answered with UNKNOWN: allowed, but not always. */
function follow(steps: readonly Step[], start: number, slots: number): { unknown: number; finds: number } {
  const model = new Model()
  const worker = new Worker({ start, slots })
  const applyOne = worker.applyOne.bind(worker)
  // The worker applies by itself when it waits for room, too.
  worker.applyOne = () => {
    const isApplied = applyOne()
    if (isApplied) model.apply()
    return isApplied
  }
  let unknown = 0
  let finds = 0
  const check = (index: number): void => {
    const found = worker.find(KEYS[index] as string)
    finds++
    if (found === UNKNOWN) unknown++
    else assert.equal(found, model.find(index, worker.nowMs), `key ${index}`)
  }
  for (const [number, { do: step, key, size }] of steps.entries()) {
    const name = KEYS[key] as string
    if (step === 'put') {
      const value = `${number}`
      const expiresAtMs = size % 5 === 0 ? worker.nowMs + (size % 40) : NEVER
      model.write(key, value, expiresAtMs)
      worker.putSized(name, value, size, expiresAtMs)
      check(key)
    } else if (step === 'delete') {
      model.write(key, undefined)
      worker.delete(name)
    } else if (step === 'apply') for (let n = 0; n <= size % 3; n++) worker.applyOne()
    else if (step === 'pass') worker.nowMs += size % 50
    else for (const index of KEYS.keys()) check(index)
  }
  worker.applyAll()
  for (const key of KEYS) assert.equal(worker.find(key), NOT_HERE, 'applied, and still here')
  return { unknown, finds }
}

const startArbitrary = fc.constantFrom(
  0,
  2 ** 31 - 512,
  2 ** 31 - CAPACITY,
  2 ** 32 - 512,
  2 ** 32 - CAPACITY / 2,
)

test('overlay: whatever is written, deleted and applied, no answer is wrong', () => {
  let unknown = 0
  let finds = 0
  fc.assert(
    fc.property(
      fc.array(stepArbitrary, { maxLength: 120, size: 'max' }),
      startArbitrary,
      fc.constantFrom(2, 8, 32, 1024),
      (steps, start, slots) => {
        const counts = follow(steps, start, slots)
        unknown += counts.unknown
        finds += counts.finds
      },
    ),
    { numRuns: 400 },
  )
  assert.ok(unknown > 0 && unknown < finds / 2, `${unknown} of ${finds} answers were UNKNOWN`)
})
