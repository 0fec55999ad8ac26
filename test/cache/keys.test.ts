// Rows C8 and C10 of docs/semantics.md: what is a key, and whose key it is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Engine, RunOptions } from '../../src/index.js'
import { lua, startEngine } from '../support/engine.js'

/** Messages that calls of `cache` raise, without the position before them. */
async function raisedBy(engine: Engine, calls: readonly string[]): Promise<string[]> {
  const misuses = calls.map((call) => `function() local result = ${call} return result end`)
  const messages = await lua(
    engine,
    `local raised = {}
     for i, misuse in ipairs({ ${misuses.join(',\n')} }) do
       local ok, message = pcall(misuse)
       raised[i] = ok and 'did not raise' or message
     end
     return raised`,
  )
  return (messages as string[]).map((message) => message.replace(/^[^:]*:\d+: /, ''))
}

test('C8: keys are bytes, compared byte for byte', async (t) => {
  const engine = await startEngine(t)
  const found = await lua(
    engine,
    `local keys = { '', 'a', 'A', 'a ', 'a\\0', 'a\\0b', 'a\\0c', '\\0', '\\xff', '\\xff\\xfe', '\\xc3\\xa9', 'e\\xcc\\x81' }
     for i, key in ipairs(keys) do cache.put(key, i) end
     local right = 0
     for i, key in ipairs(keys) do if cache.get(key) == i then right = right + 1 end end
     return { right, #keys, cache.get('b', 'none') }`,
  )
  assert.deepEqual(found, [12, 12, 'none'])
  assert.equal(engine.stats().cache.entries, 12)
  assert.equal(await engine.cache.withPrefix('tenant').get('é'), 11)
  assert.equal(await engine.cache.withPrefix('tenant').get(Uint8Array.of(0xff, 0xfe)), 10)
})

test('C8: a number is the key that `..` makes of it', async (t) => {
  const engine = await startEngine(t)
  const found = await lua(
    engine,
    `cache.put(1, 'integer') cache.put(1.0, 'float')
     local same = { cache.get('1'), cache.get('1.0'), cache.get(1), cache.get(1.0) }
     for _, key in ipairs({ 0, -7, math.maxinteger, math.mininteger, 0.1, -0.0, 1e15, 1e100, 2 ^ 53, 1 / 3, 1e-7 }) do
       cache.put(key, 'by number')
       same[#same + 1] = cache.get(key .. '')
       cache.put(key .. '', 'by text')
       same[#same + 1] = cache.get(key)
     end
     return same`,
  )
  const others = Array.from({ length: 11 }, () => ['by number', 'by text']).flat()
  assert.deepEqual(found, ['integer', 'float', 'integer', 'float', ...others])
})

test('C8: NaN and the infinities are no keys', async (t) => {
  const engine = await startEngine(t)
  const raised = await raisedBy(engine, [
    'cache.get(0/0)',
    'cache.put(math.huge, 1)',
    'cache.put_ttl(-math.huge, 1, 1)',
  ])
  assert.match(raised[0] ?? '', /^bad argument #1 to 'get' \(.+\)$/)
  assert.match(raised[1] ?? '', /^bad argument #1 to 'put' \(.+\)$/)
  assert.match(raised[2] ?? '', /^bad argument #1 to 'put_ttl' \(.+\)$/)
  assert.equal(engine.stats().cache.entries, 0)
})

test('C8: other types are no keys, and the message says what came', async (t) => {
  const engine = await startEngine(t)
  const raised = await raisedBy(engine, [
    'cache.get({})',
    'cache.get(nil)',
    'cache.get()',
    'cache.get(true)',
    'cache.get(print)',
    'cache.get(coroutine.create(print))',
    'cache.put({}, 1)',
    'cache.put_ttl({}, 1, 1)',
    'cache.get(setmetatable({}, { __tostring = function() return "key" end }))',
  ])
  assert.deepEqual(raised, [
    "bad argument #1 to 'get' (string expected, got table)",
    "bad argument #1 to 'get' (string expected, got nil)",
    "bad argument #1 to 'get' (string expected, got no value)",
    "bad argument #1 to 'get' (string expected, got boolean)",
    "bad argument #1 to 'get' (string expected, got function)",
    "bad argument #1 to 'get' (string expected, got thread)",
    "bad argument #1 to 'put' (string expected, got table)",
    "bad argument #1 to 'put_ttl' (string expected, got table)",
    "bad argument #1 to 'get' (string expected, got table)",
  ])
})

test('C8: a colon instead of a dot is recognised', async (t) => {
  const engine = await startEngine(t)
  const raised = await raisedBy(engine, [
    `cache:get('key')`,
    `cache:put('key', 1)`,
    `cache:put_ttl('key', 1, 1)`,
  ])
  assert.deepEqual(raised, [
    "bad argument #1 to 'get' (write cache.get, not cache:get)",
    "bad argument #1 to 'put' (write cache.put, not cache:put)",
    "bad argument #1 to 'put_ttl' (write cache.put_ttl, not cache:put_ttl)",
  ])
})

test('C8: a key may have maxKeyBytes and not one more', async (t) => {
  const engine = await startEngine(t, { cache: { maxKeyBytes: 10 } })
  const found = await lua(
    engine,
    `local fits, long = ('k'):rep(10), ('k'):rep(11)
     local stored, reason = cache.put(long, 1)
     local ttl_stored, ttl_reason = cache.put_ttl(long, 1, 60)
     return { cache.put(fits, 1), cache.get(fits), stored, reason, ttl_stored, ttl_reason, cache.get(long, 'default') }`,
  )
  assert.deepEqual(found, [true, 1, false, 'key too long', false, 'key too long', 'default'])
})

test('C8: the default of maxKeyBytes is 1,024', async (t) => {
  const engine = await startEngine(t)
  const found = await lua(
    engine,
    `return { cache.put(('k'):rep(1024), 1), cache.get(('k'):rep(1024)), (cache.put(('k'):rep(1025), 1)) }`,
  )
  assert.deepEqual(found, [true, 1, false])
})

test('C10: (prefix, key) pairs never collide', async (t) => {
  const engine = await startEngine(t)
  const pairs: (readonly [string | undefined, string])[] = [
    ['a', 'b:c'],
    ['a:b', 'c'],
    [undefined, 'a:b:c'],
    [undefined, 'a\0b:c'],
    ['a\0', 'b:c'],
    ['a:', 'b:c'],
    ['A', 'b:c'],
    ['ä', 'b:c'],
    ['1', 'key'],
    [undefined, '1key'],
    [undefined, '1:key'],
    ['key', ''],
    [undefined, 'key'],
  ]
  const options = (prefix: string | undefined): RunOptions =>
    prefix === undefined ? {} : { cachePrefix: prefix }
  for (const [index, [prefix, key]] of pairs.entries()) {
    await engine.eval('cache.put(...)', [key, index], options(prefix))
  }
  for (const [index, [prefix, key]] of pairs.entries()) {
    const value = await engine.eval('return cache.get(...)', [key], options(prefix))
    assert.equal(value, index, `prefix ${String(prefix)}, key ${key}`)
    const space = prefix === undefined ? engine.cache : engine.cache.withPrefix(prefix)
    assert.equal(await space.get(key), index)
  }
  assert.equal(engine.stats().cache.entries, pairs.length)
})

test('C10: no prefix is a space of its own, not a parent', async (t) => {
  const engine = await startEngine(t)
  await engine.eval(`cache.put('key', 'none') cache.put('tenant:key', 'none')`)
  assert.equal(await lua(engine, `return cache.get('key', 'unseen')`), 'unseen')
  await lua(engine, `cache.put('key', 'tenant')`)
  assert.deepEqual(await engine.eval(`return { cache.get('key'), cache.get('tenant:key') }`), [
    'none',
    'none',
  ])
})

test('C10: a script can neither read nor change its prefix', async (t) => {
  const engine = await startEngine(t)
  const seen = await lua(
    engine,
    `local seen, places = {}, {}
     local function look(name, value)
       if type(value) == 'string' and value:find('tenant', 1, true) then places[#places + 1] = name end
       if type(value) ~= 'table' or seen[value] then return end
       seen[value] = true
       for k, v in next, value do look(name .. '.' .. tostring(k), k) look(name .. '.' .. tostring(k), v) end
       look(name .. '<meta>', getmetatable(value))
     end
     look('_G', _G)
     cache_prefix, prefix, cache.prefix, cache.cache_prefix = 'other', 'other', 'other', 'other'
     cache.put('key', 'mine')
     return places`,
    'secret_tenant',
  )
  assert.deepEqual(seen, {})
  assert.equal(await lua(engine, `return cache.get('key')`, 'secret_tenant'), 'mine')
  assert.equal(await lua(engine, `return cache.get('key')`, 'other'), undefined)
})

test('C10: only an absent cachePrefix means none', async (t) => {
  const engine = await startEngine(t)
  const script = await engine.load('function main() end')
  const wrong: unknown[] = [
    undefined,
    null,
    '',
    42,
    {},
    'x'.repeat(513),
    'é'.repeat(257),
    'lone \ud800 surrogate',
  ]
  for (const cachePrefix of wrong) {
    const options = { cachePrefix } as RunOptions
    await assert.rejects(script.run(undefined, options), { code: 'MOONPOOL_INVALID_OPTION' })
    await assert.rejects(script.call('main', [], options), { code: 'MOONPOOL_INVALID_OPTION' })
    await assert.rejects(engine.eval('return 1', [], options), { code: 'MOONPOOL_INVALID_OPTION' })
    assert.throws(() => engine.cache.withPrefix(cachePrefix as string), { code: 'MOONPOOL_INVALID_OPTION' })
  }
})

test('C10: a prefix may have 512 bytes of UTF-8', async (t) => {
  const engine = await startEngine(t)
  for (const cachePrefix of ['x'.repeat(512), 'é'.repeat(256), 'a:b\0c']) {
    assert.equal(await lua(engine, `cache.put('key', 1) return cache.get('key')`, cachePrefix), 1)
    assert.equal(await engine.cache.withPrefix(cachePrefix).get('key'), 1)
  }
})

test('C10: requirePrefix refuses runs without one, everywhere', async (t) => {
  const engine = await startEngine(t, { cache: { requirePrefix: true } })
  const script = await engine.load(`function main() return 'ran' end`)
  const refused = { code: 'MOONPOOL_PREFIX_REQUIRED' }
  await assert.rejects(script.run(), refused)
  await assert.rejects(script.call('main'), refused)
  await assert.rejects(engine.eval('return 1'), refused)
  await assert.rejects(engine.cache.get('key'), refused)
  await assert.rejects(engine.cache.put('key', 1), refused)
  assert.equal(await script.run(undefined, { cachePrefix: 'tenant' }), 'ran')
  assert.equal(await engine.cache.withPrefix('tenant').put('key', 1), true)
})
