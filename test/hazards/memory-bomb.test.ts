// Scripts that eat all memory they may: an error each, and the process ends where it began.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MoonpoolError } from '../../src/index.js'
import { assertNothingLeft, startInspectedEngine } from '../support/inspected-engine.js'
import { rejection } from '../support/rejection.js'

const BOMBS = [
  'local t = {} while true do t[#t + 1] = ("x"):rep(2^20) end',
  'local s = "x" while true do s = s .. s end',
  'local t = {} for i = 1, math.huge do t[i] = { i, tostring(i) } end',
  'local function f(...) return 1 + f(1, ...) end return f()',
  'local t = {} while true do t[#t + 1] = coroutine.create(function() end) end',
]
const ROUNDS = 20

describe('memory-bomb', () => {
  test(`${ROUNDS * BOMBS.length} bombs: MOONPOOL_MEMORY or a Lua error, then resident memory is back (± 10 %)`, async (t) => {
    // Large enough that the VM is dropped after each bomb, small enough that each is soon over.
    const { engine, parts } = await startInspectedEngine(t, {
      limits: { timeoutMs: 20_000, memoryBytes: 24 * 2 ** 20 },
    })
    const explode = async (): Promise<void> => {
      for (const source of BOMBS) {
        const error: unknown = await engine.eval(source).catch((reason: unknown) => reason)
        assert(error instanceof MoonpoolError, `${source}: ${String(error)}`)
        assert.match(error.code, /^MOONPOOL_(MEMORY|LUA_ERROR)$/, error.message)
      }
      assert.equal(await engine.eval('return 6 * 7'), 42)
    }
    // What one reading shows depends on when the collectors ran: the largest of some against the smallest of some.
    const residentAfter = async (rounds: number): Promise<number[]> => {
      const readings: number[] = []
      for (let i = 0; i < rounds; i++) {
        await explode()
        readings.push(process.memoryUsage.rss())
      }
      return readings
    }
    const before = Math.max(...(await residentAfter(5)))
    const after = Math.min(...(await residentAfter(ROUNDS)).slice(-5))
    t.diagnostic(`resident before ${before >> 20} MiB, after ${after >> 20} MiB`)
    assert(after < before * 1.1, `${before} bytes before, ${after} after`)
    assertNothingLeft(parts)
  })

  test('the memory error names the limit and can be caught by the script', async (t) => {
    const { engine } = await startInspectedEngine(t, { limits: { memoryBytes: 8 * 2 ** 20 } })
    await rejection(engine.eval('return #("x"):rep(32 * 2^20)'), 'MOONPOOL_MEMORY', /limits\.memoryBytes/)
    const caught = 'local ok, message = pcall(string.rep, "x", 32 * 2^20) return message'
    assert.equal(await engine.eval(caught), 'not enough memory')
  })

  test('a top level that eats all memory rejects the load', async (t) => {
    const { engine, parts } = await startInspectedEngine(t)
    await rejection(engine.load('x = ("x"):rep(2^29)', { name: 'bomb.lua' }), 'MOONPOOL_MEMORY')
    assert.equal(parts.images.size, 0)
  })
})
