// Scripts that try to read or write under another tenant's prefix.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ATTACKER, attack, startBystander } from '../support/bystander.js'

test('no key reaches another prefix', async (t) => {
  const keys = [
    'secret',
    'victim:secret',
    'victim/secret',
    'victim.secret',
    'victim\0secret',
    'victim secret',
    ':secret',
    '\0secret',
    '../victim/secret',
    '*',
    'v*',
    '',
    'attacker:secret',
    '6:victimsecret',
    '\x06victimsecret',
  ]
  const { engine, assertUnharmed } = await startBystander(t)
  const tried = `
    local found = {}
    for _, key in ipairs(...) do
      for _, value in ipairs { cache.get(key), cache.get(key, nil, "victim"), (cache.get(key, nil, { prefix = "victim" })) } do
        found[#found + 1] = key
      end
      cache.put(key, "overwritten by the attacker")
      cache.put_ttl(key, "overwritten by the attacker", 60)
    end
    return #found`
  assert.equal(await engine.eval(tried, [keys], ATTACKER), 0)
  await assertUnharmed('keys')
  for (const prefix of ['victim:', 'Victim', 'victim ', 'victi', 'victim\0', 'v', 'vıctim', 'victim\u200b']) {
    assert.equal(await engine.eval(tried, [keys], { cachePrefix: prefix }), 0, prefix)
    await assertUnharmed(prefix)
  }
  assert.equal(await engine.eval(tried, [keys]), 0, 'the space without a prefix contains no other')
  await assertUnharmed('no prefix')
})

test('the prefix cannot be changed, nor can what the cache does for others', async (t) => {
  await attack(t, {
    'fields of cache': [
      'local n = 0 for name in pairs(cache) do if not name:find("^[%l_]+$") or type(cache[name]) ~= "function" then n = n + 1 end end return n',
      0,
    ],
    'prefix set as a field': [
      'cache.prefix = "victim" cache.cachePrefix = "victim" cachePrefix = "victim" return cache.get("secret")',
      undefined,
    ],
    'a method of a fake': ['return pcall(cache.get, { prefix = "victim" }, "secret")', false],
    'cache replaced': ['cache = { get = function() return "fake" end } return cache.get("secret")', 'fake'],
    'cache.get replaced': ['cache.get = function() return "fake" end return cache.get("secret")', 'fake'],
    'inside a coroutine': ['return coroutine.wrap(function() return cache.get("secret") end)()', undefined],
    'a key that is an object': [
      'return pcall(cache.get, setmetatable({}, { __tostring = function() return "secret" end, __name = "string" }))',
      false,
    ],
    'a value that changes under put': [
      'local t = setmetatable({ 1 }, { __index = function() return 2 end, __len = function() return 1e9 end, __pairs = error }) cache.put("t", t) return cache.get("t")',
      [1],
    ],
    'an error while a value is written': [
      'cache.put("t", "old") pcall(cache.put, "t", { 1, 2, print }) return cache.get("t")',
      'old',
    ],
  })
})
