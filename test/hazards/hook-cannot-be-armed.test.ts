// The hook is not where it should be: the engine says so once, and stops runs by ending their threads.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOOK_OFFSETS } from '../../workers/vm/hook-arming.js'
import { assertNothingLeft, startInspectedEngine, untilReady } from '../support/inspected-engine.js'
import { rejection } from '../support/rejection.js'

test('with a wrong offset runs are stopped with their threads, and one warning says so', async (t) => {
  const warnings: Error[] = []
  const listen = (warning: Error): void => void warnings.push(warning)
  process.on('warning', listen)
  t.after(() => process.off('warning', listen))
  const hookOffsets = { ...HOOK_OFFSETS, trap: HOOK_OFFSETS.trap + 4 }
  const { engine, parts } = await startInspectedEngine(
    t,
    { threads: 2, limits: { graceMs: 60_000 } },
    { hookOffsets },
  )
  const script = await engine.load('function main(loops) while loops do end return "over" end', {
    name: 'a.lua',
  })
  for (let i = 0; i < 3; i++) {
    const error = await rejection(
      script.run(true, { timeoutMs: 30 }),
      'MOONPOOL_TIMEOUT',
      /^a\.lua: stopped after 30 ms/,
    )
    assert.equal(error.line, undefined)
    assert.equal(await script.run(false), 'over')
  }
  const abortion = new AbortController()
  const aborted = rejection(
    script.run(true, { signal: abortion.signal, timeoutMs: 60_000 }),
    'MOONPOOL_ABORTED',
  )
  setTimeout(() => abortion.abort(), 20)
  await aborted
  assert.equal(await script.run(false), 'over')
  await untilReady(parts)
  assertNothingLeft(parts)
  assert.deepEqual(
    warnings.map((warning) => 'code' in warning && warning.code),
    ['MOONPOOL_NO_SOFT_STOP'],
  )
  assert.match(warnings[0]?.message ?? '', /the hook cannot be armed/)
})
