// engine.eval: compiled once, found again without hashing, released when its run has taken over.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startFakedEngine } from './support/fake-dispatcher.js'
import { rejection } from './support/rejection.js'

test('a chunk is loaded, run with its arguments, and released', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  dispatcher.answer = () => ['first', 'second']
  assert.equal(await engine.eval('return ...', ['a', 1], { cachePrefix: 'p', timeoutMs: 5 }), 'first')
  const { kind, name, digest, timeoutMs } = dispatcher.loads[0] ?? assert.fail()
  assert.deepEqual(
    { kind, name, timeoutMs },
    { kind: 'chunk', name: `script-${digest.slice(0, 8)}`, timeoutMs: 5 },
  )
  const { args: _, ...request } = dispatcher.runs[0] ?? assert.fail()
  assert.deepEqual(request, {
    kind: 'chunk',
    image: { id: 1 },
    scriptName: name,
    functionName: '',
    prefix: 'p',
    timeoutMs: 5,
    extras: undefined,
  })
  assert.deepEqual(dispatcher.argumentsOf(0), ['a', 1])
  assert.deepEqual(dispatcher.released, [{ id: 1 }])
})

test('the same source again is found, not loaded', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  for (let time = 0; time < 5; time++) await engine.eval('return 1', [time])
  assert.equal(dispatcher.loads.length, 1)
  assert.equal(dispatcher.finds, 4)
  assert.equal(dispatcher.released.length, 1)
  assert.deepEqual(
    dispatcher.runs.map((_, index) => dispatcher.argumentsOf(index)[0]),
    [0, 1, 2, 3, 4],
  )
})

test('a chunk may be given a name, which is no option of its run', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  await engine.eval('return 1')
  for (let time = 0; time < 2; time++)
    await engine.eval('return 1', [], { name: 'a.lua', cachePrefix: 'p', timeoutMs: 5 })
  await engine.eval('return 1', [], { name: undefined })
  const [unnamed, named, ...others] = dispatcher.loads
  assert.deepEqual(others, [])
  assert.equal(unnamed?.name, `script-${unnamed?.digest.slice(0, 8)}`)
  assert.deepEqual([named?.name, named?.digest, named?.timeoutMs], ['a.lua', unnamed?.digest, 5])
  assert.deepEqual(
    dispatcher.runs.map(({ scriptName, prefix, timeoutMs }) => [scriptName, prefix, timeoutMs]),
    [
      [unnamed?.name, undefined, 1000],
      ['a.lua', 'p', 5],
      ['a.lua', 'p', 5],
      [unnamed?.name, undefined, 1000],
    ],
  )
})

test('a wrong name is told together with the other problems', async (t) => {
  const { engine } = await startFakedEngine(t)
  const options = { name: 'a\nb', timeoutMs: 0 }
  const { message } = await rejection(
    engine.eval('', [], options),
    'MOONPOOL_INVALID_OPTION',
    /^engine\.eval: 2 /,
  )
  assert.match(message, /\n {2}name must be .*got the string "a\\nb"/)
  assert.match(message, /\n {2}timeoutMs must be /)
})

test('a found chunk is run at once, so that nothing can drop it before', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  await engine.eval('return 1')
  const again = engine.eval('return 1')
  assert.equal(dispatcher.runs.length, 2)
  await again
})

test('arguments and options are read at the call, also while the chunk loads', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  const args = [{ n: 1 }]
  const options = { cachePrefix: 'before' }
  const evaluation = engine.eval('return 1', args, options)
  args[0] = { n: 2 }
  options.cachePrefix = 'after'
  await evaluation
  assert.deepEqual(dispatcher.argumentsOf(0), [{ n: 1 }])
  assert.equal(dispatcher.runs[0]?.prefix, 'before')
})

test('sources that came long ago are forgotten, and still right when they come again', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t, { limits: { evalScripts: 2 } })
  for (const n of [1, 2, 3]) await engine.eval(`return ${n}`)
  const finds = dispatcher.finds
  await engine.eval('return 1')
  assert.equal(dispatcher.finds, finds)
  await engine.eval('return 3')
  assert.equal(dispatcher.finds, finds + 1)
  const digests = dispatcher.loads.map(({ digest }) => digest)
  assert.equal(digests[0], digests[3])
})

test('bytes and long sources work the same', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  const long = `return 1 --${' '.repeat(100_000)}`
  await engine.eval(long)
  await engine.eval(long)
  await engine.eval(Buffer.from(long))
  const digests = new Set(dispatcher.loads.map(({ digest }) => digest))
  assert.equal(digests.size, 1)
  assert.equal(dispatcher.runs.length, 3)
})

test('a chunk that fails to run is released all the same', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  dispatcher.answer = () => Promise.reject(new Error('lost'))
  await assert.rejects(engine.eval('return 1'), /lost/)
  assert.equal(dispatcher.released.length, 1)
})

test('a chunk that does not compile is asked for again the next time', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  dispatcher.onLoad = () => Promise.reject(new Error('syntax'))
  await assert.rejects(engine.eval('('), /syntax/)
  await assert.rejects(engine.eval('('), /syntax/)
  assert.equal(dispatcher.loads.length, 2)
  assert.equal(dispatcher.released.length, 0)
})

test('what is wrong is refused before anything is loaded', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  await rejection(engine.eval('return 1', [new Date()]), 'MOONPOOL_INVALID_VALUE')
  await rejection(engine.eval('return 1', [], { timeoutMs: 0 }), 'MOONPOOL_INVALID_OPTION')
  assert.equal(dispatcher.loads.length, 0)
})

test('an eval that still loads when the engine closes was accepted, and finishes', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  let loaded = (): void => {}
  dispatcher.onLoad = () => new Promise((resolve) => (loaded = resolve))
  const runsAtClose: number[] = []
  const close = dispatcher.close.bind(dispatcher)
  dispatcher.close = (graceMs) => {
    runsAtClose.push(dispatcher.runs.length)
    return close(graceMs)
  }
  const evaluation = engine.eval('return 1')
  const closing = engine.close({ graceMs: 10_000 })
  await rejection(engine.eval('return 2'), 'MOONPOOL_CLOSED')
  assert.equal(dispatcher.closes.length, 0)
  loaded()
  await Promise.all([evaluation, closing])
  assert.deepEqual(runsAtClose, [1])
  assert.ok((dispatcher.closes[0] ?? 0) > 0 && (dispatcher.closes[0] ?? 0) <= 10_000)
})

test('an eval that never gets loaded does not hold up closing', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  let fail = (_: Error): void => {}
  dispatcher.onLoad = () => new Promise((_, reject) => (fail = reject))
  const evaluation = engine.eval('return 1')
  await engine.close({ graceMs: 1 })
  assert.deepEqual(dispatcher.closes, [0])
  fail(new Error('stopped'))
  await assert.rejects(evaluation, /stopped/)
})
