// Rows C9, C11 and C17 of docs/semantics.md: what can be stored, and what is said of the rest.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lua, startEngine } from '../support/engine.js'

/** Lua that compares two values as put and get must keep them: types, number kinds, bits, tables deep. */
const SAME = `
local function same(a, b)
  if type(a) ~= type(b) or math.type(a) ~= math.type(b) then return false end
  if type(a) == 'number' then return string.pack(math.type(a) == 'float' and '<d' or '<j', a)
    == string.pack(math.type(b) == 'float' and '<d' or '<j', b) or (a ~= a and b ~= b) end
  if type(a) ~= 'table' then return a == b end
  for k, v in next, a do if not same(v, rawget(b, k)) then return false end end
  for k in next, b do if rawget(a, k) == nil then return false end end
  return true
end
local function kept(value)
  cache.put('key', value)
  return same(value, cache.get('key', 'missing'))
end
`

test('C11: scalars come back as they were', async (t) => {
  const engine = await startEngine(t)
  const lost = await lua(
    engine,
    `${SAME}
     local all = {}
     for i = 0, 255 do all[#all + 1] = string.char(i) end
     local lost = {}
     for name, value in next, {
       yes = true, no = false, zero = 0, one = 1, float_one = 1.0, minus_zero = -0.0, negative = -1,
       byte = 255, small = 127, i32 = 2 ^ 31 // 1 | 0, max = math.maxinteger, min = math.mininteger,
       above_safe = 9007199254740993, third = 1 / 3, huge = math.huge, minus_huge = -math.huge, nan = 0 / 0,
       tiny = 5e-324, big = 1.7976931348623157e308, float_big = 2.0 ^ 63,
       empty = '', text = 'text', utf8 = 'é漢🂡', binary = table.concat(all), nul = 'a\\0b', bad = '\\xff\\xfe',
       long127 = ('x'):rep(127), long128 = ('x'):rep(128), long = ('y'):rep(100000),
     } do
       if not kept(value) then lost[#lost + 1] = name end
     end
     if not kept(nil) then lost[#lost + 1] = 'nil' end
     return lost`,
  )
  assert.deepEqual(lost, {})
})

test('C11: tables of every shape come back as they were', async (t) => {
  const engine = await startEngine(t)
  const lost = await lua(
    engine,
    `${SAME}
     local deep = 'bottom'
     for i = 1, 100 do deep = { deep } end
     local wide = {}
     for i = 1, 5000 do wide[i] = i end
     local lost = {}
     for name, value in next, {
       empty = {}, array = { 1, 2, 3 }, words = { 'a', 'b' }, object = { a = 1, b = 'x' },
       hole = { 1, nil, 3 }, holes = { [1] = 1, [2] = 2, [5] = 5, [100] = 100 }, from_zero = { [0] = 'zero', 'one' },
       negative = { [-1] = 'minus' }, mixed = { 1, 2, name = 'x', [10] = 'ten' },
       booleans = { [true] = 'yes', [false] = 'no' }, floats = { [1.5] = 'a', [-0.25] = 'b', [2 ^ 60] = 'c' },
       infinite = { [math.huge] = 1, [-math.huge] = 2 }, integers = { [math.maxinteger] = 1, [math.mininteger] = 2 },
       number_or_text = { [1] = 'number', ['1'] = 'text' }, binary = { ['\\0\\xff'] = '\\xfe\\0' },
       nested = { users = { { id = 1, roles = {} }, { id = 2, roles = { 'admin', { x = {} } } } } },
       proto = { __proto__ = 1, constructor = 2, length = 3 }, falses = { false, false, x = false },
       many = wide, deep = deep,
     } do
       if not kept(value) then lost[#lost + 1] = name end
     end
     return lost`,
  )
  assert.deepEqual(lost, {})
})

test('C11: shared references are copied apart', async (t) => {
  const engine = await startEngine(t)
  const found = await lua(
    engine,
    `local shared = { 1 }
     cache.put('key', { a = shared, b = shared, list = { shared, shared } })
     local copy = cache.get('key')
     copy.a[1] = 2
     return { copy.a[1], copy.b[1], copy.list[1][1], copy.list[2][1], rawequal(copy.list[1], copy.list[2]) }`,
  )
  assert.deepEqual(found, [2, 1, 1, 1, false])
})

test('C11: metatables are dropped and never consulted', async (t) => {
  const engine = await startEngine(t)
  const found = await lua(
    engine,
    `local consulted = 0
     local function trap() consulted = consulted + 1 error('consulted') end
     local guarded = setmetatable({ 1, 2, name = 'x' }, { __index = trap, __pairs = trap, __len = trap, __eq = trap,
       __tostring = trap, __metatable = 'locked', __newindex = trap, __close = trap, __name = trap, __mode = 'k' })
     local stored = cache.put('key', { inner = guarded })
     local inner = cache.get('key').inner
     return { stored, consulted, inner[1], inner[2], inner.name, inner.absent == nil, getmetatable(inner) == nil }`,
  )
  assert.deepEqual(found, [true, 0, 1, 2, 'x', true, true])
})

test('C11: a table that was read can serve as a metatable, like any other', async (t) => {
  const engine = await startEngine(t)
  const found = await lua(
    engine,
    `cache.put('key', { __index = { x = 1 }, __newindex = {}, __metatable = 'locked', other = 2 })
     local copy = cache.get('key')
     local object = setmetatable({}, copy)
     object.y = 3
     return { object.x, rawget(object, 'y') == nil, copy.__newindex.y, getmetatable(object) }`,
  )
  assert.deepEqual(found, [1, true, 3, 'locked'])
})

test('C11: tables may be nested 128 deep, C9: and no deeper', async (t) => {
  const engine = await startEngine(t)
  const found = await lua(
    engine,
    `local function nest(depth) local value = 'bottom' for i = 1, depth do value = { value } end return value end
     local function unnest(value) local depth = 0 while type(value) == 'table' do value, depth = value[1], depth + 1 end return depth end
     local fits = cache.put('key', nest(128))
     local stored, reason = cache.put('key', nest(129))
     local far, far_reason = cache.put('key', nest(100000))
     return { fits, stored, reason, far, far_reason, unnest(cache.get('key')) }`,
  )
  assert.deepEqual(found, [true, false, 'too deep', false, 'too deep', 128])
})

test('C9: what cannot be stored gives false and the reason with the path', async (t) => {
  const engine = await startEngine(t)
  const found = await lua(
    engine,
    `local cycle = {} cycle.x = cycle
     local far = { list = {} } far.list.again = { back = far }
     local reasons = {}
     for _, value in ipairs({
       { a = { b = print } }, { a = { b = function() end } }, { x = { y = { z = coroutine.create(print) } } }, cycle, far,
     }) do
       local stored, reason, more = cache.put('key', value)
       reasons[#reasons + 1] = tostring(stored) .. ', ' .. reason .. tostring(more)
       local ttl_stored, ttl_reason = cache.put_ttl('key', value, 60)
       if ttl_stored ~= stored or ttl_reason ~= reason then reasons[#reasons + 1] = 'put_ttl differs' end
     end
     return reasons`,
  )
  assert.deepEqual(found, [
    'false, unsupported type function at .a.bnil',
    'false, unsupported type function at .a.bnil',
    'false, unsupported type thread at .x.y.znil',
    'false, cycle at .xnil',
    'false, cycle at .list.again.backnil',
  ])
  assert.equal(engine.stats().cache.entries, 0)
})

test('C9: a value above maxValueBytes is too large', async (t) => {
  const engine = await startEngine(t, { cache: { maxValueBytes: 1000 } })
  const found = await lua(
    engine,
    `local results = {}
     for _, value in ipairs({ ('x'):rep(990), ('x'):rep(1001), { ('x'):rep(600), ('y'):rep(600) } }) do
       local stored, reason = cache.put('key', value)
       results[#results + 1] = { stored, reason }
     end
     return results`,
  )
  assert.deepEqual(found, [[true], [false, 'too large'], [false, 'too large']])
})

test('C9: a refused put leaves the old entry', async (t) => {
  const engine = await startEngine(t, { cache: { maxValueBytes: 1000 } })
  const found = await lua(
    engine,
    `cache.put('key', 'old')
     cache.put('key', print) cache.put('key', { a = print }) cache.put('key', ('x'):rep(2000))
     cache.put_ttl('key', { a = print }, 60) cache.put_ttl('key', ('x'):rep(2000), 60)
     return cache.get('key')`,
  )
  assert.equal(found, 'old')
  assert.equal(await lua(engine, `return cache.get('key')`), 'old')
})

/** Around every size at which a value takes another way: in globals, in parts, beyond the scratch area, by asking main. */
const BORDERS = [40, 123, 128, 256, 4_091, 4_096, 65_536, 262_139, 262_144]

test('C11: values of any size that an earlier run stored come back as they were', async (t) => {
  const engine = await startEngine(t)
  const script = await engine.load(`
    local function text(bytes) return ("text of many bytes "):rep(bytes // 19 + 1):sub(1, bytes) end
    function put(bytes)
      cache.put("string", text(bytes))
      cache.put("table", { text = text(bytes), n = bytes, list = { text(30), text(50) } })
    end
    function get(bytes)
      local text_read, read = cache.get("string"), cache.get("table")
      local t = { [text(bytes)] = "as a key" }
      return text_read == text(bytes) and t[text_read] == "as a key" and read.text == text_read and read.n == bytes
        and read.list[1] == text(30) and read.list[2] == text(50)
    end`)
  for (const bytes of BORDERS.flatMap((border) => Array.from({ length: 9 }, (_, n) => border - 4 + n))) {
    await script.call('put', [bytes], { cachePrefix: 'tenant' })
    assert.deepEqual(await script.call('get', [bytes], { cachePrefix: 'tenant' }), [true], `${bytes} bytes`)
  }
})

test('C17: functions and coroutines are the only values of the language that cannot be stored', async (t) => {
  const engine = await startEngine(t)
  const found = await lua(
    engine,
    `local refused = {}
     for name, value in next, { string = 'x', integer = 1, float = 1.5, boolean = true, table = {},
       lua_function = function() end, c_function = print, coroutine = coroutine.create(print) } do
       local stored, reason = cache.put('key', value)
       if not stored then refused[name] = (reason:match('^unsupported type %a+')) end
     end
     refused.stored_nil = cache.put('key', nil)
     return refused`,
  )
  assert.deepEqual(found, {
    lua_function: 'unsupported type function',
    c_function: 'unsupported type function',
    coroutine: 'unsupported type thread',
    stored_nil: true,
  })
})

test('a value that no longer fits the script’s memory raises, and the cache goes on', async (t) => {
  const engine = await startEngine(t, {
    limits: { memoryBytes: 8 * 2 ** 20 },
    cache: { maxValueBytes: 4 * 2 ** 20 },
  })
  const tenant = engine.cache.withPrefix('tenant')
  // Of a size that the freed memory surely has in one piece, wherever Lua's random hashes put things.
  await tenant.put('text', 'x'.repeat(2 ** 19))
  await tenant.put(
    'list',
    Array.from({ length: 40_000 }, (_, index) => `item ${index}`),
  )
  await tenant.put('small', 'still here')
  const found = await lua(
    engine,
    `local hold = {}
     while pcall(function() hold[#hold + 1] = ('y'):rep(100000 + #hold) end) do end
     local messages = {}
     for i = 1, 10 do
       local ok, message = pcall(cache.get, i % 2 == 0 and 'text' or 'list')
       messages[ok and 'did not raise' or message] = true
     end
     hold = nil
     return { messages, cache.get('small'), #cache.get('text'), #cache.get('list') }`,
  )
  assert.deepEqual(found, [{ 'not enough memory': true }, 'still here', 2 ** 19, 40_000])
  assert.equal(await lua(engine, `return cache.get('small')`), 'still here')
})
