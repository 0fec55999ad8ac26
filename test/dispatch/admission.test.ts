import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { Admission } from '../../src/dispatch/admission.js'
import { HOST, type Run } from '../../src/dispatch/run.js'
import { createRun } from './fixture.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function ids(admission: Admission, count = Number.POSITIVE_INFINITY): number[] {
  const taken: number[] = []
  while (taken.length < count) {
    const run = admission.shift()
    if (run === undefined) break
    taken.push(run.id)
  }
  return taken
}

test('tenants take turns, each in the order of its own runs', () => {
  const admission = new Admission(100)
  for (const id of [11, 12, 13, 14]) admission.push(createRun(id, 1))
  for (const id of [21, 22]) admission.push(createRun(id, 2))
  admission.push(createRun(31, 3))
  assert.equal(admission.size, 7)
  assert.deepEqual(ids(admission), [11, 21, 31, 12, 22, 13, 14])
  assert.equal(admission.size, 0)
  assert.equal(admission.shift(), undefined)
})

test('a tenant that arrives is the next, and then waits for one run of each of the others', () => {
  const admission = new Admission(10_000)
  for (let id = 0; id < 1000; id++) admission.push(createRun(id, 1))
  for (let id = 1000; id < 2000; id++) admission.push(createRun(id, 2))
  ids(admission, 301)
  for (const id of [5000, 5001]) admission.push(createRun(id, 3))
  const next = ids(admission, 4)
  assert.deepEqual([next.indexOf(5000), next.indexOf(5001)], [0, 3])
})

test('what came back goes out first, the last to come back before the others', () => {
  const admission = new Admission(100)
  for (const id of [11, 12]) admission.push(createRun(id, 1))
  for (const id of [21, 22]) admission.push(createRun(id, 2))
  admission.pushFront(createRun(5, 9))
  admission.pushFront(createRun(4, 9))
  assert.equal(admission.size, 6)
  assert.deepEqual(ids(admission), [4, 5, 11, 21, 12, 22])
})

test('a run that comes back at once costs its tenant no turn', () => {
  const admission = new Admission(100)
  for (const id of [11, 12]) admission.push(createRun(id, 1))
  for (const id of [21, 22]) admission.push(createRun(id, 2))
  for (let attempt = 0; attempt < 5; attempt++) {
    const run = admission.shift()
    assert.equal(run?.id, 11)
    admission.pushFront(run)
  }
  assert.deepEqual(ids(admission), [11, 21, 12, 22])
})

test("whatever comes, goes, comes back and leaves: every run goes out once, each tenant's in order", () => {
  const step = fc.record({
    kind: fc.constantFrom('push', 'push', 'push', 'shift', 'shift', 'back', 'remove', 'end'),
    cell: fc.nat({ max: 4 }),
    pick: fc.nat(),
  })
  const policy = fc.record({ maxConcurrent: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }) })
  fc.assert(
    fc.property(policy, fc.array(step, { maxLength: 500, size: 'max' }), ({ maxConcurrent }, steps) => {
      const admission = new Admission(1000, {
        maxQueue: undefined,
        maxConcurrent,
        weightOf: (prefix) => prefix?.length ?? 1,
      })
      const most = maxConcurrent ?? Number.POSITIVE_INFINITY
      const [waiting, out]: [Run[], Run[]] = [[], []]
      const lastOut = new Map<number, number>()
      const outOf = (cell: number): number => out.filter((run) => run.prefix.cell === cell).length
      for (const [id, { kind, cell, pick }] of steps.entries()) {
        if (kind === 'push') {
          const run = createRun(id + 1, cell)
          admission.push(run)
          waiting.push(run)
        } else if (kind === 'remove' && waiting.length > 0) {
          const [run] = waiting.splice(pick % waiting.length, 1) as [Run]
          assert.ok(admission.withdraw(run))
          assert.equal(admission.withdraw(run), false)
        } else if (kind === 'end' && out.length > 0) {
          admission.noteEnded(out.splice(pick % out.length, 1)[0] as Run)
        } else if (kind === 'shift' || kind === 'back') {
          const mayGo = waiting.some((run) => outOf(run.prefix.cell) < most)
          assert.equal(admission.hasNext, mayGo)
          const run = admission.shift()
          assert.equal(run !== undefined, mayGo, 'somebody may go and nobody is held up')
          if (run === undefined) continue
          if (kind === 'back') {
            admission.pushFront(run)
            assert.equal(admission.shift(), run, 'the next one')
          }
          assert.ok(waiting.includes(run))
          waiting.splice(waiting.indexOf(run), 1)
          out.push(run)
          assert.ok(outOf(run.prefix.cell) <= most)
          assert.ok(run.id > (lastOut.get(run.prefix.cell) ?? 0), 'in the order of its tenant')
          lastOut.set(run.prefix.cell, run.id)
        }
        assert.equal(admission.size, waiting.length)
      }
      for (const run of out) admission.noteEnded(run)
      assert.deepEqual(new Set(admission.takeAll()), new Set(waiting))
      assert.deepEqual([admission.size, admission.tenants, admission.hasNext], [0, 0, false])
    }),
    { numRuns: 300 },
  )
})

test('a run that has gone out is let go while its line is still long', async () => {
  const admission = new Admission(1000)
  const held: WeakRef<object>[] = []
  for (let id = 0; id < 200; id++) {
    const run = createRun(id, 1)
    held.push(new WeakRef(run))
    admission.push(run)
  }
  for (let id = 0; id < 20; id++) admission.shift()
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  assert.equal(held.slice(0, 20).filter((run) => run.deref() !== undefined).length, 0)
  assert.equal(held.slice(20).filter((run) => run.deref() !== undefined).length, 180)
  assert.equal(admission.size, 180)
})

const BOUNDS = { maxQueue: undefined, maxConcurrent: undefined, weightOf: () => 1 }

test('it is full at maxQueue runs, and says whose they are', () => {
  const admission = new Admission(3)
  for (const id of [1, 2]) admission.push(createRun(id, 1))
  assert.equal(admission.refusal('tenant-2'), undefined)
  admission.push(createRun(3, 2))
  const refusal = admission.refusal('tenant-2')
  assert.equal(refusal?.code, 'MOONPOOL_QUEUE_FULL')
  assert.deepEqual(refusal?.queue, {
    option: 'maxQueue',
    limit: 3,
    queued: 3,
    tenantQueued: 1,
    cachePrefix: 'tenant-2',
  })
  assert.match(
    String(refusal?.message),
    /^3 runs are waiting \(maxQueue\), 1 of them runs of "tenant-2": try again/,
  )
  admission.shift()
  assert.equal(admission.refusal('tenant-2'), undefined)
})

test('tenants.maxQueue bounds one tenant, not the others and not the host', () => {
  const admission = new Admission(100, { ...BOUNDS, maxQueue: 2 })
  for (const id of [1, 2]) admission.push(createRun(id, 1))
  const refusal = admission.refusal('tenant-1')
  assert.deepEqual(refusal?.queue, {
    option: 'tenants.maxQueue',
    limit: 2,
    queued: 2,
    tenantQueued: 2,
    cachePrefix: 'tenant-1',
  })
  assert.match(String(refusal?.message), /^2 runs of "tenant-1" are waiting \(tenants\.maxQueue\)/)
  assert.equal(admission.refusal('tenant-2'), undefined)
  assert.equal(admission.refusal(undefined), undefined)
  assert.equal(admission.refusal(HOST), undefined)
})

test("loads of scripts are bounded by no tenant's options", () => {
  const admission = new Admission(100, { maxQueue: 1, maxConcurrent: 1, weightOf: () => 1 })
  for (const id of [1, 2, 3]) admission.push({ ...createRun(id), tenant: HOST })
  assert.deepEqual(ids(admission), [1, 2, 3])
})

test('a tenant at maxConcurrent holds up nobody, and goes on when one of its runs ends', () => {
  const admission = new Admission(100, { ...BOUNDS, maxConcurrent: 2 })
  const runs = [11, 12, 13, 14].map((id) => createRun(id, 1))
  for (const run of runs) admission.push(run)
  for (const id of [21, 22, 23]) admission.push(createRun(id, 2))
  assert.deepEqual(ids(admission), [11, 21, 12, 22])
  assert.equal(admission.hasNext, false)
  assert.equal(admission.isFree('tenant-1'), false)
  assert.equal(admission.isFree('tenant-3'), true)
  admission.noteEnded(runs[1] as Run)
  assert.deepEqual(ids(admission), [13])
  assert.equal(admission.size, 2)
})

test('a run that came back keeps its place, and gives it up when it is taken out', () => {
  const admission = new Admission(100, { ...BOUNDS, maxConcurrent: 1 })
  const [first, second] = [createRun(1), createRun(2)]
  admission.push(first)
  admission.push(second)
  assert.equal(admission.shift(), first)
  admission.pushFront(first)
  assert.ok(admission.withdraw(first))
  assert.equal(admission.shift(), second)
})

test('the run of a chunk that was just loaded goes ahead, in the order of the loads, if its tenant has a place', () => {
  const admission = new Admission(100, { ...BOUNDS, maxConcurrent: 2 })
  for (const id of [11, 12]) admission.push(createRun(id, 1))
  for (const id of [21, 22, 23]) admission.push({ ...createRun(id, 2), hadTurn: true })
  assert.deepEqual(ids(admission, 4), [21, 22, 11, 12])
  assert.equal(admission.size, 1)
  assert.equal(admission.hasNext, false, 'the third one waits for a place')
  admission.push(createRun(24, 2))
  admission.noteEnded(createRun(21, 2))
  assert.deepEqual(ids(admission, 1), [23], 'it stands first in the line')
})

test('runs that go out without waiting take places, too', () => {
  const admission = new Admission(100, { ...BOUNDS, maxConcurrent: 1 })
  const run = createRun(1, 1)
  assert.ok(admission.isFree('tenant-1'))
  admission.noteStarted(run)
  assert.equal(admission.isFree('tenant-1'), false)
  admission.push(createRun(2, 1))
  assert.equal(admission.shift(), undefined)
  admission.noteEnded(run)
  assert.equal(admission.shift()?.id, 2)
})

test('many-tenants-once: 100,000 tenants that come once each leave nothing behind', () => {
  for (const maxConcurrent of [undefined, 3]) {
    const admission = new Admission(1_000_000, {
      ...BOUNDS,
      maxConcurrent,
      weightOf: (prefix) => ((prefix?.length ?? 1) % 7) + 1,
    })
    let most = 0
    const out: Run[] = []
    for (let id = 1; id <= 100_000; id++) {
      admission.push(createRun(id, id))
      if (id % 50 > 0) continue
      for (let run = admission.shift(); run !== undefined && out.push(run) % 50 > 0; run = admission.shift());
      for (const run of out.splice(0)) admission.noteEnded(run)
      most = Math.max(most, admission.tenants)
    }
    for (const run of admission.takeAll()) admission.noteEnded(run)
    assert.equal(admission.tenants, 0)
    assert.ok(most < 500, `${most} tenants were remembered at once`)
  }
})
