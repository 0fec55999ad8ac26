// What moonpool check warns of, and what it lets pass: rule and line of each.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { warningsFor } from '../../src/cli/lua-warnings.js'
import { readProjectFile } from '../support/project.js'

const found = (source: string): string[] => warningsFor(source, []).map(({ rule, line }) => `${line} ${rule}`)

const inMain = (body: string): string => `function main(key, other)\n${body}\nend`

const RACES: readonly string[] = [
  'local n = cache.get(key, 0)\ncache.put_ttl(key, n + 1, 60)',
  'local n = cache.get(key, 0)\ncache.put(key, n + 1)',
  'local n = cache.get("a:" .. key.id)\ncache.put_ttl("a:" .. key.id, 1, 60)',
  `local n = cache.get "a"\ncache.put_ttl('a', 1, 60)`,
  'local n = cache.get(tostring(key, 1), 5)\ncache.put_ttl(tostring(key, 1), 1, 60)',
  'if cache.get(key) == nil then\ncache.put_ttl(key, 1, 60) end',
  'local n = cache.get(key)\nif n then if other then return end else cache.put_ttl(key, 1, 60) end',
  'local n = cache.get(key)\nlocal function f() cache.put_ttl(key, n, 60) end',
  'local cache = cache\nlocal n = cache.get(key) cache.put_ttl(key, n, 60)',
  'local n\ndo local x = 5 n = cache.get(key) end cache.put_ttl(key, n, 60)',
  'local function f(key) return cache.get(key) end\nlocal n = cache.get(key) cache.put_ttl(key, n, 60)',
  'for i = 1, 2 do local n = cache.get(key)\ncache.put_ttl(key, n, 60) end',
]

test('get-then-put: the same key, one function, in this order', () => {
  for (const body of RACES) assert.deepEqual(found(inMain(body)), ['3 get-then-put'], body)
  assert.deepEqual(found(inMain('cache.put_ttl(key, cache.get(key, 0) + 1, 60)')), ['2 get-then-put'])
  assert.deepEqual(found('local n = cache.get("k", 0)\ncache.put_ttl("k", n + 1, 60)'), ['2 get-then-put'])
})

const NO_RACES: readonly string[] = [
  'cache.put_ttl(key, 1, 60)\nreturn cache.get(key)',
  'local n = cache.get(key)\ncache.put_ttl(other, n, 60)',
  'local n = cache.get(key)\nlocal key = "else"\ncache.put_ttl(key, n, 60)',
  'for _, key in ipairs(other) do local n = cache.get(key) end\nfor _, key in ipairs(other) do cache.put_ttl(key, 1, 60) end',
  'local function f() local n = cache.get(key) end\ncache.put_ttl(key, 1, 60)',
  'if other then local n = cache.get(key) else cache.put_ttl(key, 1, 60) end',
  'if other then n = cache.get(key) elseif key then cache.put_ttl(key, 1, 60) else cache.put(key, 1) end',
  'if other then return cache.get(key) end\ncache.put_ttl(key, 1, 60)',
  'local cache = { get = print, put_ttl = print }\nlocal n = cache.get(key) cache.put_ttl(key, 1, 60)',
  'local n = other.cache.get(key) other.cache.put_ttl(key, 1, 60)',
  'local n = "cache.get(key)" -- cache.get(key)\ncache.put_ttl(key, 1, 60)',
  'local n = [[\ncache.get(key)]] --[==[ cache.get(key)\n]==] cache.put_ttl(key, 1, 60)',
  'local get = cache.get\ncache.put_ttl(key, 1, 60)',
  'local n = cache.get(key.a)\ncache.put_ttl(key.b, 1, 60)',
]

test('get-then-put: no alarm for what is none', () => {
  for (const body of NO_RACES) assert.deepEqual(found(inMain(body)), [], body)
})

test('get-then-put: says what to do, with what the engine has', () => {
  const source = 'local n = cache.get("k", 0)\ncache.put_ttl("k", n + 1, 60)'
  const message = (atomic: readonly string[]): string => warningsFor(source, atomic)[0]?.message ?? ''
  assert.match(
    message([]),
    /^cache\.put_ttl after cache\.get of the same key in line 1: .*counted on the host/,
  )
  assert.match(message(['incr', 'rate_limit']), /To change a value, use cache\.incr or cache\.rate_limit;/)
})

test('frozen-at-load: calls at the top level, whatever the block', () => {
  assert.deepEqual(found('local t = os.time()\nlocal c = os.clock()\nlocal r = math.random(1, 6)'), [
    '1 frozen-at-load',
    '2 frozen-at-load',
    '3 frozen-at-load',
  ])
  assert.deepEqual(found('do if true then\nT = { os.time() } end end'), ['2 frozen-at-load'])
  assert.deepEqual(found('function f() end\nlocal t = os.time()'), ['2 frozen-at-load'])
})

test('frozen-at-load: no alarm inside functions, for references and conversions, in text', () => {
  for (const source of [
    'function main() return os.time(), os.clock(), math.random() end',
    'local f = function() if x then repeat local t = os.time() until t end return os.clock() end',
    'local function f() for i = 1, 2 do while true do break end end return os.time() end',
    'local now = os.time',
    'local t = os.time({ year = 2026, month = 1, day = 1 }) + os.time { year = 2026, month = 1, day = 1 }',
    'local d = os.date("%Y", 0) .. math.floor(2.5)',
    'local s = "os.time()" -- os.clock()\n--[[ math.random() ]]',
    'local os = { time = function() return 0 end }\nlocal t = os.time()',
    'local t = clock.os.time()',
  ]) {
    assert.deepEqual(found(source), [], source)
  }
})

test('method-call: any function of the cache', () => {
  assert.deepEqual(found('function main() return cache:get("k"), cache:put_ttl("k", 1, 2) end'), [
    '1 method-call',
    '1 method-call',
  ])
  assert.deepEqual(
    found('function main() local cache = {} return cache:get("k"), other.cache:get(1) end'),
    [],
  )
})

test('the document’s rate limiter is told about', () => {
  assert.deepEqual(found(readProjectFile('examples/seed/13-rate-limit.lua')), ['8 get-then-put'])
})

test('warnings come in the order of their lines', () => {
  const source = 'local n = cache.get("k")\ncache.put("k",\n os.time())'
  assert.deepEqual(found(source), ['2 get-then-put', '3 frozen-at-load'])
})
