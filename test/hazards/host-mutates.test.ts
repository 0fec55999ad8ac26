// The host changes what it has given, or what it was given, while runs go on: everything is a copy.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startEngine } from '../support/engine.js'

const TENANT = { cachePrefix: 'tenant' }

test('arguments are taken as they are when the call is made', async (t) => {
  const engine = await startEngine(t)
  const script = await engine.load('function main(a) return a.list[1] .. a.bytes .. #a.list end')
  const bytes = Buffer.from('bytes')
  const args = { list: ['first'], bytes }
  const runs = Array.from({ length: 50 }, () => script.run(args, TENANT))
  args.list[0] = 'changed'
  args.list.push('more')
  bytes.fill('x')
  assert.deepEqual(new Set(await Promise.all(runs)), new Set(['firstbytes1']))
})

test('sources, keys and values are taken as they are when the call is made', async (t) => {
  const engine = await startEngine(t)
  const source = Buffer.from('return "before"')
  const result = engine.eval(source)
  source.fill(' ')
  assert.equal(await result, 'before')
  const tenant = engine.cache.withPrefix('tenant')
  const key = Buffer.from('key')
  const value = { list: [1, 2] }
  const put = tenant.put(key, value)
  key.fill('x')
  value.list.length = 0
  await put
  assert.deepEqual(await tenant.get('key'), { list: [1, 2] })
})

test('what was given out can be changed without anybody seeing it', async (t) => {
  const engine = await startEngine(t)
  const tenant = engine.cache.withPrefix('tenant')
  const script = await engine.load(
    'function main() cache.put("k", { list = { 1 } }) return cache.get("k") end',
  )
  const first = await script.run<{ list: number[] }>(undefined, TENANT)
  first.list.push(2)
  const second = await tenant.get<{ list: number[] }>('k')
  second?.list.push(3)
  assert.deepEqual(await tenant.get('k'), { list: [1] })
  assert.deepEqual(await script.run(undefined, TENANT), { list: [1] })
})
