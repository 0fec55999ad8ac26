// The engine as it stands between the host and the dispatcher: what it asks, what it refuses, how it closes.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { createEngineWith } from '../src/engine.js'
import { type EngineOptions, MoonpoolError, type RunOptions } from '../src/index.js'
import { startFakedEngine } from './support/fake-dispatcher.js'
import { rejection } from './support/rejection.js'

const sha256 = (source: string | Uint8Array): string => createHash('sha256').update(source).digest('hex')

test('wrong options reject before anything starts', async () => {
  let started = false
  const createDispatcher = async () => {
    started = true
    throw new Error('not reached')
  }
  const wrong = { treads: 2, threads: 0 } as EngineOptions
  await rejection(
    createEngineWith(wrong, { createDispatcher }),
    'MOONPOOL_INVALID_OPTION',
    /2 options are wrong/,
  )
  assert.equal(started, false)
})

test('a dispatcher that cannot start is passed on', async () => {
  const cause = new MoonpoolError('MOONPOOL_START', 'no threads')
  const creation = createEngineWith(undefined, { createDispatcher: () => Promise.reject(cause) })
  assert.equal(await rejection(creation, 'MOONPOOL_START'), cause)
})

test('the dispatcher gets the settings', async (t) => {
  const { dispatcher } = await startFakedEngine(t, {
    threads: 3,
    maxQueue: 7,
    cache: { maxKeyBytes: 5, nilIsMiss: true, defaultTtlMs: 10 },
    limits: { timeoutMs: 50 },
  })
  const { threads, maxQueue, cache, limits } = dispatcher.config
  assert.equal(threads, 3)
  assert.equal(maxQueue, 7)
  assert.equal(cache.maxKeyBytes, 5)
  assert.equal(cache.nilIsMiss, true)
  assert.equal(cache.defaultTtlMs, 10)
  assert.equal(limits.timeoutMs, 50)
})

test('load: bytes, digest, name and the engine’s timeout', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t, { limits: { timeoutMs: 77 } })
  const source = 'function main() return "é" end'
  const digest = sha256(source)

  const named = await engine.load(source, { name: 'limiter.lua' })
  assert.equal(named.name, 'limiter.lua')
  assert.equal(named.digest, digest)
  assert.deepEqual(dispatcher.loads[0], {
    source: new Uint8Array(Buffer.from(source)),
    digest,
    name: 'limiter.lua',
    kind: 'script',
    timeoutMs: 77,
    signal: undefined,
  })

  const unnamed = await engine.load(source)
  assert.equal(unnamed.name, `script-${digest.slice(0, 8)}`)
  assert.equal((await engine.load(source, { name: undefined })).name, unnamed.name)
})

test('load: bytes are kept as they are, and copied at the call', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  const source = Buffer.from('return "\xff\0"', 'latin1')
  const expected = Uint8Array.from(source)
  const loading = engine.load(source)
  source.fill(0)
  const script = await loading
  assert.deepEqual(dispatcher.loads[0]?.source, expected)
  assert.equal(script.digest, sha256(expected))
})

test('load: a file’s name in place of its text is told from Lua', async (t) => {
  const { engine } = await startFakedEngine(t)
  for (const name of ['limiter.lua', './scripts/limiter-2.lua', '/srv/a/b.lua', 'scripts\\x.lua']) {
    const message = `'${name}' is the name of a file: give its text, readFileSync('${name}')`
    for (const call of ['load', 'eval'] as const) {
      const error = await rejection(engine[call](name), 'MOONPOOL_INVALID_OPTION')
      assert.equal(error.message, `engine.${call}: ${message}`)
    }
  }
  for (const lua of ['--x.lua', 'return x.lua', 'return-x.lua', 'return--x.lua', 'f()--.lua'])
    await engine.load(lua)
})

test('load: what is no source, or too long, is refused', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t, { limits: { sourceBytes: 10 } })
  await engine.load('-- 3456789')
  await engine.load(new Uint8Array(10))
  await engine.load('')
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    ['-- 34567890', /limits\.sourceBytes is 10/],
    ['-- 345678é', /limits\.sourceBytes is 10/],
    ['漢'.repeat(4), /limits\.sourceBytes is 10/],
    [new Uint8Array(11), /limits\.sourceBytes is 10/],
    ['-- \ud800', /lone surrogate/],
    [undefined, /must be a string or a Uint8Array, got undefined/],
    [null, /got null/],
    [5, /got 5/],
    [new ArrayBuffer(4), /an instance of ArrayBuffer/],
  ]
  for (const [source, message] of wrong) {
    await rejection(engine.load(source as string), 'MOONPOOL_INVALID_OPTION', message)
    await rejection(engine.eval(source as string), 'MOONPOOL_INVALID_OPTION', message)
  }
  await rejection(engine.load('', { name: '' }), 'MOONPOOL_INVALID_OPTION', /name must be/)
  assert.equal(dispatcher.loads.length, 3)
})

test('load: what the dispatcher rejects with is passed on', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  const cause = new MoonpoolError('MOONPOOL_LUA_SYNTAX', 'x.lua:1: unexpected symbol')
  dispatcher.onLoad = () => Promise.reject(cause)
  assert.equal(await rejection(engine.load('('), 'MOONPOOL_LUA_SYNTAX'), cause)
  assert.equal(await rejection(engine.eval('('), 'MOONPOOL_LUA_SYNTAX'), cause)
})

test('stats: runs and cache', async (t) => {
  const { engine } = await startFakedEngine(t, { threads: 5 })
  await engine.cache.put('k', 1)
  await engine.cache.get('k')
  await engine.cache.get('other')
  const { cache, ...runs } = engine.stats()
  assert.deepEqual(runs, { threads: 5, queued: 1, running: 2, completed: 3, failed: 4 })
  assert.equal(cache.entries, 1)
  assert.equal(cache.hits, 1)
  assert.equal(cache.misses, 1)
})

test('close: once, with its grace time, and the same promise again', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  const closing = engine.close({ graceMs: 5 })
  assert.equal(engine.close(), closing)
  assert.equal(engine.close({ graceMs: 10 }), closing)
  assert.equal(engine[Symbol.asyncDispose](), closing)
  await rejection(engine.close({ graceMs: -1 }), 'MOONPOOL_INVALID_OPTION')
  await closing
  assert.deepEqual(dispatcher.closes, [5])
})

test('close: 30 s of grace unless said otherwise; wrong options close nothing', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  await rejection(engine.close({ graceMs: Number.NaN }), 'MOONPOOL_INVALID_OPTION')
  await engine.load('')
  await engine.close()
  assert.deepEqual(dispatcher.closes, [30_000])
})

test('after close everything rejects with MOONPOOL_CLOSED, from the call of close on', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  const script = await engine.load('function main() end')
  const tenant = engine.cache.withPrefix('a')
  await tenant.put('k', 1)
  const closing = engine.close()
  const wrong = { foo: 1 } as RunOptions
  for (const closed of [
    () => engine.load(''),
    () => engine.eval(''),
    () => engine.eval('', [], wrong),
    () => script.run(),
    () => script.run(undefined, wrong),
    () => script.call('f'),
    () => engine.cache.get('k'),
    () => engine.cache.put('k', 1),
    () => tenant.get('k'),
    () => tenant.put('k', 2),
    () => engine.cache.withPrefix('b').get('k'),
  ]) {
    await rejection(closed(), 'MOONPOOL_CLOSED', /the engine is closed: create another/)
  }
  await closing
  assert.equal(dispatcher.runs.length, 0)
  assert.equal(engine.stats().cache.entries, 1)
})
