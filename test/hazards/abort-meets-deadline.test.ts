// A signal and a deadline want the same run: from the abort on it ends as aborted, whatever its worker says. And what is known of
// the place where it was stopped goes with it.

import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { test } from 'node:test'
import { startEngine } from '../support/engine.js'
import { assertNothingLeft, startInspectedEngine } from '../support/inspected-engine.js'
import { rejection } from '../support/rejection.js'

function block(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}

const SCRIPT = `
function main()
  print("started")
  while true do
  end
end

function behind() return 7 end

function in_c()
  print("started")
  return ("a"):rep(40):match(("a-"):rep(20) .. "b")
end`

/** Resolves at the first printed line from now on. */
function createStart(): { onPrint: () => void; next: () => Promise<void> } {
  let tell = (): void => {}
  return {
    onPrint: () => tell(),
    next: () =>
      new Promise((resolve) => {
        tell = resolve
      }),
  }
}

for (const order of [
  'the deadline has passed',
  'the run has been stopped at it',
  'its thread is about to be ended',
]) {
  test(`T7: aborted when ${order}, and main has not heard of it: it ends as aborted`, async (t) => {
    const { onPrint, next } = createStart()
    const { engine, parts } = await startInspectedEngine(t, { onPrint, limits: { graceMs: 20 } })
    const script = await engine.load(SCRIPT)
    const controller = new AbortController()
    const { signal } = controller
    const name = order.includes('thread') ? 'in_c' : 'main'
    const started = next()
    const run = script.call(name, [], { signal, timeoutMs: 30 })
    await started
    // Main hears nothing meanwhile; the watchdog thread stops the run.
    block(order.includes('passed') ? 31 : 200)
    controller.abort('enough')
    const error = await rejection(run, 'MOONPOOL_ABORTED')
    assert.deepEqual([error.name, error.cause], ['AbortError', 'enough'])
    assert.deepEqual(await script.call('behind'), [7])
    assertNothingLeft(parts)
  })
}

test('T7: aborted after it was rejected, it stays what it was', async (t) => {
  const engine = await startEngine(t)
  const controller = new AbortController()
  const run = engine.eval('while true do end', [], { signal: controller.signal, timeoutMs: 20 })
  const error = await rejection(run, 'MOONPOOL_TIMEOUT')
  controller.abort()
  assert.equal(error.code, 'MOONPOOL_TIMEOUT')
})

test('T7: an aborted run says where it was, as one past its deadline does', async (t) => {
  const { onPrint, next } = createStart()
  const engine = await startEngine(t, { onPrint })
  const script = await engine.load(SCRIPT, { name: 'spin.lua' })
  const controller = new AbortController()
  const started = next()
  const run = script.run(undefined, { signal: controller.signal })
  await started
  // The run may still be on its way out of print.
  await new Promise((resolve) => setTimeout(resolve, 20))
  const reason = new Error('client has gone')
  controller.abort(reason)
  const error = await rejection(run, 'MOONPOOL_ABORTED', /^spin\.lua:4: aborted by its signal$/)
  assert.deepEqual([error.name, error.script, error.line, error.cause], ['AbortError', 'spin.lua', 4, reason])
  assert.equal(error.sourceLine, '  while true do')
  assert.match(error.traceback ?? '', /spin\.lua:4: in function 'main'/)
  assert.match(error.stack ?? '', /^AbortError: spin\.lua:4: aborted by its signal\n {4}4 \| while true do\n/)
})

test('T10: a run that close stops says where it was', async (t) => {
  const { onPrint, next } = createStart()
  const engine = await startEngine(t, { onPrint })
  const script = await engine.load(SCRIPT, { name: 'spin.lua' })
  const started = next()
  const rejected = rejection(script.run(), 'MOONPOOL_CLOSED', /^spin\.lua:4: the engine was closed/)
  await started
  await new Promise((resolve) => setTimeout(resolve, 20))
  await engine.close({ graceMs: 1 })
  assert.equal((await rejected).line, 4)
})
