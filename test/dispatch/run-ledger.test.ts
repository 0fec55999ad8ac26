import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { Images } from '../../src/dispatch/images.js'
import { RunLedger } from '../../src/dispatch/run-ledger.js'
import { createImageArena } from '../../src/shared/image-arena.js'
import { PrefixCells } from '../../src/shared/prefix-cells.js'
import { Prefixes } from '../../src/store/prefixes.js'
import { createRun } from './fixture.js'

function createLedger(cells = 4) {
  const prefixes = new Prefixes(new PrefixCells({ cells }))
  const ledger = new RunLedger(prefixes, new Images(createImageArena(4096), 4096, 1))
  const settled: string[] = []
  const open = (prefix?: string) => {
    const input = createRun(0)
    const run = ledger.open(
      input,
      prefix,
      (values) => settled.push(`resolved ${values.join()}`),
      (error) => settled.push(`rejected ${error.message}`),
    )
    return { run, image: input.image }
  }
  return { prefixes, ledger, settled, open }
}

test('a run is settled once, by whoever comes first', () => {
  const { ledger, settled, open } = createLedger()
  const [first, second] = [open().run, open().run]
  ledger.resolve(first, [1])
  ledger.reject(first, new Error('late'))
  ledger.reject(second, new Error('lost'))
  ledger.resolve(second, [2])
  assert.deepEqual(settled, ['resolved 1', 'rejected lost'])
  assert.deepEqual([ledger.completed, ledger.failed, ledger.size], [1, 1, 0])
})

test('until then it holds its prefix and its image, and is found by its id', () => {
  const { ledger, prefixes, open } = createLedger()
  const { run, image } = open('tenant')
  assert.equal(ledger.get(run.id), run)
  assert.notEqual(run.id, 0)
  assert.deepEqual([prefixes.size, image.pins], [1, 1])
  ledger.reject(run, new Error('no'))
  assert.equal(ledger.get(run.id), undefined)
  assert.deepEqual([prefixes.size, image.pins], [0, 0])
})

test('a run that gets no prefix cell holds nothing', () => {
  const { ledger, open } = createLedger(1)
  const { image } = open('first')
  const input = createRun(0)
  assert.throws(
    () => open('second'),
    (error: Error & { code?: string }) => error.code === 'MOONPOOL_MEMORY',
  )
  assert.deepEqual([ledger.size, image.pins, input.image.pins], [1, 1, 0])
})

test('closing learns of the last settled run, or that time is over', async () => {
  const { ledger, open } = createLedger()
  assert.equal(await ledger.emptyWithin(0), true)
  const { run } = open()
  const empty = ledger.emptyWithin(60_000)
  ledger.resolve(run, [])
  assert.equal(await empty, true)
  open()
  mock.timers.enable({ apis: ['setTimeout'] })
  const late = ledger.emptyWithin(5000)
  mock.timers.tick(5000)
  mock.timers.reset()
  assert.equal(await late, false)
})
