// No byte, bit or kind of number is lost anywhere: keys, values, arguments and results, small and large.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { lua, startEngine } from './support/engine.js'

const MIB = 2 ** 20
const allBytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
const options = { cachePrefix: 'tenant' }

test('all 256 byte values in arguments and results', async (t) => {
  const engine = await startEngine(t)
  const script = await engine.load(
    `function main(bytes)
       for i = 0, 255 do assert(bytes:byte(i + 1) == i) end
       return bytes .. bytes:reverse()
     end`,
  )
  const result = await script.run(allBytes)
  assert.ok(result instanceof Uint8Array)
  assert.deepEqual([...result], [...allBytes, ...allBytes.toReversed()])
})

test('all 256 byte values in keys and values, from Lua and from the host', async (t) => {
  const engine = await startEngine(t)
  const tenant = engine.cache.withPrefix('tenant')
  const missed = await lua(
    engine,
    `local missed = 0
     for i = 0, 255 do cache.put(string.char(i), string.char(255 - i, i)) end
     for i = 0, 255 do if cache.get(string.char(i)) ~= string.char(255 - i, i) then missed = missed + 1 end end
     local all = {} for i = 0, 255 do all[i + 1] = string.char(i) end
     cache.put(table.concat(all), table.concat(all))
     return missed`,
  )
  assert.equal(missed, 0)
  assert.equal(engine.stats().cache.entries, 257)
  assert.deepEqual(await tenant.get(allBytes), allBytes)
  assert.deepEqual(await tenant.get(Uint8Array.of(0x80)), Uint8Array.of(0x7f, 0x80))
  assert.deepEqual(await tenant.get(Uint8Array.of(0x41)), await tenant.get('A'))

  await tenant.put(Uint8Array.of(0xff, 0, 0x80), allBytes)
  assert.deepEqual(await lua(engine, `return cache.get('\\xff\\0\\x80')`), allBytes)
})

test('what follows a NUL still counts: a\\0b and a\\0c are two keys', async (t) => {
  const engine = await startEngine(t)
  const found = await lua(
    engine,
    `cache.put('a\\0b', 'first\\0x') cache.put('a\\0c', 'second\\0y')
     return { cache.get('a\\0b'), cache.get('a\\0c'), cache.get('a', 'none'), #cache.get('a\\0b') }`,
  )
  assert.deepEqual(found, ['first\0x', 'second\0y', 'none', 7])
  const tenant = engine.cache.withPrefix('tenant')
  assert.deepEqual([await tenant.get('a\0b'), await tenant.get('a\0c')], ['first\0x', 'second\0y'])
})

test('valid UTF-8 comes back as a string, anything else as bytes', async (t) => {
  const engine = await startEngine(t)
  const texts = ['', 'plain', 'é漢字🂡', '\ufeffbom', '\0', '\u{10ffff}']
  assert.deepEqual(await engine.eval('return ...', [texts]), texts)
  for (const bytes of [
    [0xff],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xc3],
    [0x61, 0x80],
  ]) {
    assert.deepEqual(await engine.eval('return ...', [Uint8Array.from(bytes)]), Uint8Array.from(bytes))
  }
})

test('numbers keep their kind and every bit', async (t) => {
  const engine = await startEngine(t)
  const script = await engine.load(
    `function main(numbers)
       local kinds = {}
       for i, n in ipairs(numbers) do
         cache.put(i, n)
         kinds[i] = math.type(cache.get(i)) .. ' ' .. string.format(math.type(n) == 'integer' and '%d' or '%a', cache.get(i))
       end
       return { kinds, numbers }
     end`,
  )
  const numbers = [
    0,
    -1,
    2 ** 31,
    Number.MAX_SAFE_INTEGER,
    2n ** 53n + 1n,
    2n ** 63n - 1n,
    -(2n ** 63n),
    1.5,
    -0,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    5e-324,
    1e300,
    2 ** 60,
  ]
  const [kinds, back] = (await script.run(numbers, options)) as [string[], unknown[]]
  assert.deepEqual(kinds.slice(0, 7), [
    'integer 0',
    'integer -1',
    'integer 2147483648',
    'integer 9007199254740991',
    'integer 9007199254740993',
    'integer 9223372036854775807',
    'integer -9223372036854775808',
  ])
  assert.deepEqual(
    kinds.slice(7).map((kind) => kind.split(' ')[0]),
    Array(7).fill('float'),
  )
  assert.deepEqual(back, numbers)
  assert.ok(Object.is(back[8], -0))
  assert.ok(Number.isNaN(await engine.eval('return ...', [Number.NaN])))
})

test('1 and 1.0 stay apart, as arguments they are what JavaScript can say', async (t) => {
  const engine = await startEngine(t)
  const found = await lua(
    engine,
    `cache.put('integer', 1) cache.put('float', 1.0) cache.put('both', { 1, 1.0, [3.5] = 1 })
     return { math.type(cache.get('integer')), math.type(cache.get('float')), math.type(cache.get('both')[1]),
              math.type(cache.get('both')[2]), tostring(cache.get('float')), 1 / cache.get('gone', -0.0) < 0 }`,
  )
  assert.deepEqual(found, ['integer', 'float', 'integer', 'float', '1.0', true])
  assert.deepEqual(await engine.eval('return { math.type((...)), math.type(select(2, ...)) }', [1.0, 1.5]), [
    'integer',
    'float',
  ])
})

test('nested 100 deep there and back', async (t) => {
  const engine = await startEngine(t)
  let nested: unknown = 'bottom'
  for (let depth = 0; depth < 100; depth++) nested = depth % 2 === 0 ? [nested] : { inner: nested }
  const source = `local value = ... cache.put('key', value) return cache.get('key')`
  assert.deepEqual(await engine.eval(source, [nested as string], options), nested)
  assert.deepEqual(await engine.cache.withPrefix('tenant').get('key'), nested)
})

test('5,000 elements there and back', async (t) => {
  const engine = await startEngine(t)
  const list = Array.from({ length: 5000 }, (_, index) => index * 3)
  const object = Object.fromEntries(list.map((value) => [`key${value}`, value]))
  const words = list.map((value) => `word ${value}`)
  const source = `local value = ... cache.put('key', value) return cache.get('key')`
  for (const value of [list, object, words]) {
    assert.deepEqual(await engine.eval(source, [value], options), value)
  }
})

test('values of 8 MiB as argument, entry and result', async (t) => {
  const engine = await startEngine(t, {
    cache: { maxValueBytes: 9 * MIB, maxBytes: 64 * MIB },
    limits: { maxArgumentBytes: 9 * MIB, maxResultBytes: 9 * MIB },
  })
  const large = new Uint8Array(randomBytes(8 * MIB))
  const tenant = engine.cache.withPrefix('tenant')

  const length = await engine.eval(
    `local bytes = ... return cache.put('key', bytes) and #bytes`,
    [large],
    options,
  )
  assert.equal(length, 8 * MIB)
  assert.ok(Buffer.from(large).equals((await tenant.get('key')) as Uint8Array), 'entry, seen from the host')
  const result = await engine.eval(`return cache.get('key')`, [], options)
  assert.ok(Buffer.from(large).equals(result as Uint8Array), 'entry, seen from a script, and result')

  await tenant.put('from host', large)
  const same = await lua(engine, `return cache.get('from host') == cache.get('key')`)
  assert.equal(same, true)
})

test('sizes around every buffer come back whole', async (t) => {
  const engine = await startEngine(t)
  const source = `local bytes = ... assert(cache.put('key', bytes)) return { bytes, cache.get('key') == bytes }`
  const sizes = [
    0, 1, 126, 127, 128, 129, 255, 256, 4095, 4096, 4097, 16_384, 65_535, 65_536, 65_537, 262_144, 524_288,
  ]
  for (const size of sizes.flatMap((near) => [near, near + 5, Math.max(0, near - 20)])) {
    const bytes = new Uint8Array(randomBytes(size))
    bytes[0] = 0xff
    const [back, same] = (await engine.eval(source, [bytes], options)) as [Uint8Array | string, boolean]
    assert.ok(Buffer.from(bytes).equals(Buffer.from(back)), `${size} bytes`)
    assert.equal(same, true, `${size} bytes`)
  }
})
