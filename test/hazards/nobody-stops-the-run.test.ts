// A run goes beyond its deadline, and nobody is there to stop it: the hook cannot be armed, and main is blocked until after the
// run's end.

import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { test } from 'node:test'
import { HOOK_OFFSETS } from '../../workers/vm/hook-arming.js'
import { assertNothingLeft, readyThreads, startInspectedEngine } from '../support/inspected-engine.js'
import { rejection } from '../support/rejection.js'

test('C7 T6 it is rejected all the same, so what it read after its deadline goes nowhere; its thread stays', async (t) => {
  let start = (): void => {}
  const isStarted = new Promise<void>((resolve) => {
    start = resolve
  })
  const { engine, parts } = await startInspectedEngine(
    t,
    { onPrint: () => start() },
    { hookOffsets: { ...HOOK_OFFSETS, trap: HOOK_OFFSETS.trap + 4 } },
  )
  const script = await engine.load(
    `function main(seconds)
       cache.put_ttl('k', 'v', 0.1)
       print('started')
       local begin, value = os.clock()
       repeat value = cache.get('k') until os.clock() - begin >= seconds
       return tostring(value)
     end`,
    { name: 'late.lua' },
  )
  const threads = readyThreads(parts)
  const late = rejection(
    script.run(0.3, { timeoutMs: 150 }),
    'MOONPOOL_TIMEOUT',
    /^late\.lua: stopped after 150 ms/,
  )
  await isStarted
  const endMs = performance.now() + 600
  while (performance.now() < endMs);
  await late
  assert.deepEqual(readyThreads(parts), threads)
  // In time, the same reads see the entry go.
  assert.equal(await script.run(0.3, { timeoutMs: 60_000 }), 'nil')
  assertNothingLeft(parts)
})
