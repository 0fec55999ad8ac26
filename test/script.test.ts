// T4: what run and call ask of the dispatcher, and what they give back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LuaArgument, MoonpoolError, type RunOptions } from '../src/index.js'
import { startFakedEngine } from './support/fake-dispatcher.js'
import { rejection } from './support/rejection.js'

test('run: main, exactly one argument, the first value', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t, { limits: { timeoutMs: 77 } })
  const script = await engine.load('function main() end', { name: 'x.lua' })
  dispatcher.answer = () => ['first']

  assert.equal(await script.run({ user: 'é', list: [1, 2] }, { cachePrefix: 'a', timeoutMs: 5 }), 'first')
  const { args: _, ...request } = dispatcher.runs[0] ?? assert.fail()
  assert.deepEqual(request, {
    kind: 'main',
    image: { id: 1 },
    scriptName: 'x.lua',
    functionName: '',
    prefix: 'a',
    timeoutMs: 5,
    extras: undefined,
  })
  assert.deepEqual(dispatcher.argumentsOf(0), [{ user: 'é', list: [1, 2] }])

  dispatcher.answer = () => []
  for (const nothing of [script.run(), script.run(undefined), script.run(null)]) {
    assert.equal(await nothing, undefined)
  }
  for (const index of [1, 2, 3]) {
    assert.deepEqual(dispatcher.argumentsOf(index), [undefined])
    assert.equal(dispatcher.runs[index]?.prefix, undefined)
    assert.equal(dispatcher.runs[index]?.timeoutMs, 77)
  }
})

test('run: an array is one argument', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  const script = await engine.load('')
  await script.run([1, 2])
  assert.deepEqual(dispatcher.argumentsOf(0), [[1, 2]])
})

test('call: one argument for each element, all values', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  const script = await engine.load('')
  dispatcher.answer = () => [true, undefined, 3]
  const args: LuaArgument[] = ['user123']
  args[2] = null
  args.push([1], 100)
  const values = await script.call('check_rate_limit', args, { cachePrefix: 'a' })
  assert.deepEqual(values, [true, undefined, 3])
  const { kind, functionName, prefix } = dispatcher.runs[0] ?? assert.fail()
  assert.deepEqual(
    { kind, functionName, prefix },
    { kind: 'call', functionName: 'check_rate_limit', prefix: 'a' },
  )
  assert.deepEqual(dispatcher.argumentsOf(0), ['user123', undefined, undefined, [1], 100])

  await script.call('f')
  await script.call('f', [])
  assert.deepEqual(dispatcher.argumentsOf(1), [])
  assert.deepEqual(dispatcher.argumentsOf(2), [])

  const many = Array.from({ length: 40 }, (_, index) => index)
  await script.call('f', many)
  assert.deepEqual(dispatcher.argumentsOf(3), many)
})

test('call: names are plain text', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  const script = await engine.load('')
  for (const name of ['f', 'a.b', '__proto__', 'x'.repeat(256)]) await script.call(name)
  assert.deepEqual(
    dispatcher.runs.map(({ functionName }) => functionName),
    ['f', 'a.b', '__proto__', 'x'.repeat(256)],
  )
  for (const name of ['', 'x'.repeat(257), '\ud800', undefined, null, 5, ['f']]) {
    await rejection(
      script.call(name as string),
      'MOONPOOL_INVALID_OPTION',
      /^script\.call: name must be the name of a global/,
    )
  }
})

test('arguments are read at the call', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  const script = await engine.load('')
  const args = { n: 1 }
  const bytes = Buffer.from('abc\xff', 'latin1')
  const runs = [script.run(args), script.call('f', [args, bytes])]
  args.n = 2
  bytes.fill(0)
  await Promise.all(runs)
  assert.deepEqual(dispatcher.argumentsOf(0), [{ n: 1 }])
  assert.deepEqual(dispatcher.argumentsOf(1), [{ n: 1 }, Uint8Array.of(97, 98, 99, 255)])
})

test('arguments of any size stay as they were while others are encoded', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  const script = await engine.load('')
  const sizes = [0, 1, 62, 63, 64, 65, 127, 128, 1000, 4096, 5000, 70_000, 1_000_000, 10]
  const texts = sizes.map((size, index) => String.fromCharCode(97 + index).repeat(size))
  await Promise.all(texts.flatMap((text) => [script.run(text), script.call('f', [text, text])]))
  for (const [index, text] of texts.entries()) {
    assert.deepEqual(dispatcher.argumentsOf(2 * index), [text])
    assert.deepEqual(dispatcher.argumentsOf(2 * index + 1), [text, text])
  }
})

test('what Lua has no counterpart for is refused with its path, before anything runs', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  const script = await engine.load('')
  const born = new Date(0)
  await rejection(script.run({ user: { born } }), 'MOONPOOL_INVALID_VALUE', /args\.user\.born/)
  await rejection(script.call('f', [1, { born }]), 'MOONPOOL_INVALID_VALUE', /args\[1\]\.born/)
  await rejection(engine.eval('', [{ born }]), 'MOONPOOL_INVALID_VALUE', /args\[0\]\.born/)
  for (const args of [{}, 'abc', 5, null, new Set([1]), { length: 1, 0: 'a' }]) {
    const wrong = args as unknown as readonly object[]
    await rejection(script.call('f', wrong), 'MOONPOOL_INVALID_VALUE', /args must be an array/)
    await rejection(engine.eval('', wrong), 'MOONPOOL_INVALID_VALUE', /args must be an array/)
  }
  assert.equal(dispatcher.runs.length, 0)
  assert.equal(dispatcher.loads.length, 1)
})

test('arguments over maxArgumentBytes are refused, all of a call together', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t, { limits: { maxArgumentBytes: 100 } })
  const script = await engine.load('')
  await script.run('x'.repeat(99))
  await script.call('f', ['x'.repeat(49), 'x'.repeat(49)])
  for (const refused of [
    script.run('x'.repeat(100)),
    script.call('f', ['x'.repeat(49), 'x'.repeat(50)]),
    engine.eval('', ['x'.repeat(49), 'x'.repeat(50)]),
    script.run({ a: { b: ['x'.repeat(100_000)] } }),
  ]) {
    await rejection(
      refused,
      'MOONPOOL_INVALID_VALUE',
      /more than 100 bytes: give less, or raise limits\.maxArgumentBytes/,
    )
  }
  assert.equal(dispatcher.runs.length, 2)
})

test('a getter of the arguments may start a run of its own', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  const script = await engine.load('')
  const inner: Promise<unknown>[] = []
  const args = {
    a: 1,
    get b() {
      inner.push(script.run('inner'), script.call('f', ['inner']))
      return 2
    },
  }
  const asElement = new Proxy([1, 2], {
    get(target, name, receiver) {
      if (name === '1') inner.push(script.run('inner'))
      return Reflect.get(target, name, receiver) as unknown
    },
  })
  await script.run(args)
  await script.call('f', asElement)
  await Promise.all(inner)
  const seen = dispatcher.runs.map((_, index) => dispatcher.argumentsOf(index))
  assert.deepEqual(seen, [['inner'], ['inner'], [{ a: 1, b: 2 }], ['inner'], [1, 2]])
})

test('errors of the dispatcher are passed on as they are', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  const script = await engine.load('')
  const cause = new MoonpoolError('MOONPOOL_LUA_ERROR', 'x.lua:3: boom', { script: 'x.lua', line: 3 })
  dispatcher.answer = () => Promise.reject(cause)
  assert.equal(await rejection(script.run(), 'MOONPOOL_LUA_ERROR'), cause)
  assert.equal(await rejection(script.call('f'), 'MOONPOOL_LUA_ERROR'), cause)
  assert.equal(await rejection(engine.eval(''), 'MOONPOOL_LUA_ERROR'), cause)
})

test('wrong options reject and never throw', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t)
  const script = await engine.load('')
  const wrong = { cachePrefix: '' }
  await rejection(script.run(undefined, wrong), 'MOONPOOL_INVALID_OPTION', /^script\.run: /)
  await rejection(script.call('f', [], wrong), 'MOONPOOL_INVALID_OPTION', /^script\.call: /)
  await rejection(engine.eval('', [], wrong), 'MOONPOOL_INVALID_OPTION', /^engine\.eval: /)
  await rejection(script.run(undefined, null as unknown as RunOptions), 'MOONPOOL_INVALID_OPTION')
  assert.equal(dispatcher.runs.length, 0)
})

test('requirePrefix holds for run, call and eval', async (t) => {
  const { engine, dispatcher } = await startFakedEngine(t, { cache: { requirePrefix: true } })
  const script = await engine.load('')
  await rejection(script.run(), 'MOONPOOL_PREFIX_REQUIRED', /^script\.run: /)
  await rejection(script.run(1, {}), 'MOONPOOL_PREFIX_REQUIRED')
  await rejection(script.call('f', [], { timeoutMs: 5 }), 'MOONPOOL_PREFIX_REQUIRED', /^script\.call: /)
  await rejection(engine.eval('return 1'), 'MOONPOOL_PREFIX_REQUIRED', /^engine\.eval: /)
  assert.equal(dispatcher.runs.length, 0)
  assert.equal(dispatcher.loads.length, 1)
  await script.run(1, { cachePrefix: 'a' })
  assert.equal(dispatcher.runs.length, 1)
})
