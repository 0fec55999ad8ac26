// A signal that is no good: whatever its methods throw, runs end as they would, once, and nothing is thrown anywhere else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AbortSignalLike } from '../../src/index.js'
import { assertNothingLeft, startInspectedEngine } from '../support/inspected-engine.js'
import { rejection } from '../support/rejection.js'

/** It keeps every listener for good. */
function createStubbornSignal() {
  const listeners: (() => void)[] = []
  const signal: AbortSignalLike = {
    aborted: false,
    reason: 'gone',
    addEventListener: (_, listener) => {
      listeners.push(listener)
    },
    removeEventListener: () => {
      throw new Error('not today')
    },
  }
  return {
    signal,
    abort: () => {
      for (const listener of listeners) listener()
    },
  }
}

test('T7: a signal whose removeEventListener throws: results, errors and aborts arrive, with one warning', async (t) => {
  const warnings: Error[] = []
  const onWarning = (warning: Error): unknown => warnings.push(warning)
  process.on('warning', onWarning)
  t.after(() => process.off('warning', onWarning))
  const { engine, parts } = await startInspectedEngine(t)
  const { signal, abort } = createStubbornSignal()
  for (let n = 0; n < 3; n++) assert.equal(await engine.eval('return ...', [n], { signal }), n)
  await rejection(engine.eval('error("x")', [], { signal }), 'MOONPOOL_LUA_ERROR')
  await rejection(engine.eval(')', [], { signal }), 'MOONPOOL_LUA_SYNTAX')
  const script = await engine.load('function main() while true do end end', { signal })
  const runs = Array.from({ length: 5 }, () => script.run(undefined, { signal, timeoutMs: 60_000 }))
  const ends = Promise.all(runs.map((run) => rejection(run, 'MOONPOOL_ABORTED')))
  await new Promise((resolve) => setTimeout(resolve, 20))
  abort()
  for (const { cause } of await ends) assert.equal(cause, 'gone')
  abort()
  assert.equal(await engine.eval('return 7'), 7)
  assertNothingLeft(parts)
  assert.deepEqual(
    warnings.map(({ message }) => message),
    ["a signal's removeEventListener threw: not today; later failures are not reported"],
  )
})

test('T7: a signal whose addEventListener throws: the call rejects with that, and nothing has started', async (t) => {
  const { engine, parts } = await startInspectedEngine(t)
  const script = await engine.load('function main() cache.put("started", true) end')
  const reason = new Error('no listeners here')
  const signal: AbortSignalLike = {
    aborted: false,
    reason: undefined,
    addEventListener: () => {
      throw reason
    },
    removeEventListener: () => {},
  }
  await assert.rejects(script.run(undefined, { signal }), reason)
  assertNothingLeft(parts)
  assert.equal(await engine.cache.get('started'), undefined)
})
