// Signals abort at any moment, runs of every kind and loads: each call settles once, as what it was, and nothing stays.

import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, test } from 'node:test'
import { MoonpoolError, type Script } from '../../src/index.js'
import {
  assertNothingLeft,
  createRandom,
  type InspectedEngine,
  startInspectedEngine,
  untilReady,
} from '../support/inspected-engine.js'

const CALLS = 2000

const SOURCE = `
  function main(n) cache.put('k' .. n % 50, n) return n end
  function large(n) cache.put('large', ('x'):rep(n % 300 * 1000)) return ('r'):rep(n % 300 * 1000) end
  function slow(n) for i = 1, n % 200 * 30000 do end return n end`

class Storm {
  readonly #random: () => number
  readonly #signals: AbortSignal[] = []
  readonly #script: Script
  readonly #inspected: InspectedEngine
  aborted = 0

  constructor(random: () => number, inspected: InspectedEngine, script: Script) {
    this.#random = random
    this.#inspected = inspected
    this.#script = script
  }

  /** One call, aborted after a random number of turns of the event loop; many at the same moment as others. */
  async call(n: number): Promise<void> {
    const controller = new AbortController()
    this.#signals.push(controller.signal)
    const settled = this.#settle(n, controller.signal)
    const turns = Math.floor(this.#random() * 30)
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
    if (this.#random() < 0.5) controller.abort(n)
    await settled
  }

  async #settle(n: number, signal: AbortSignal): Promise<void> {
    try {
      const result = await this.#start(n, signal)
      if (typeof result === 'object') (result as Script).dispose()
      else if (typeof result === 'string') assert.equal(result.length, (n % 300) * 1000)
      else assert.equal(result, n)
    } catch (error) {
      assert.ok(error instanceof MoonpoolError, String(error))
      assert.deepEqual([error.code, error.cause, signal.aborted], ['MOONPOOL_ABORTED', n, true])
      this.aborted++
    }
  }

  #start(n: number, signal: AbortSignal): Promise<unknown> {
    const { engine } = this.#inspected
    const options = { signal, cachePrefix: `tenant${n % 3}` }
    const kind = this.#random()
    if (kind < 0.3) return this.#script.run(n, options)
    if (kind < 0.5) return this.#script.call('large', [n], options).then(([result]) => result)
    if (kind < 0.7) return this.#script.call('slow', [n], options).then(([result]) => result)
    if (kind < 0.85) return engine.eval(`local own = ${n % 7} return ...`, [n], options)
    return engine.load(`local own = ${n % 7} function main() end`, { signal })
  }

  assertNoListenerStays(): void {
    for (const signal of this.#signals) assert.deepEqual(getEventListeners(signal, 'abort'), [])
  }
}

describe('abort-anytime', () => {
  test(`${CALLS} calls, half of them aborted at random moments`, async (t) => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    t.diagnostic(`seed ${seed}`)
    const random = createRandom(seed)
    // No deadline of a run that nobody aborts may come first, however busy the machine is.
    const inspected = await startInspectedEngine(t, { threads: 2, limits: { timeoutMs: 60_000 } })
    const { engine, parts, config } = inspected
    const script = await engine.load(SOURCE, { name: 'victim.lua' })
    const storm = new Storm(random, inspected, script)
    let next = 0
    const caller = async (): Promise<void> => {
      while (next < CALLS) await storm.call(next++)
    }
    await Promise.all(Array.from({ length: 24 }, caller))
    t.diagnostic(`${storm.aborted} aborted`)
    assert.ok(storm.aborted > CALLS / 20 && storm.aborted < CALLS)
    storm.assertNoListenerStays()
    assertNothingLeft(parts)
    await untilReady(parts)
    assert.equal(await script.run(7), 7)
    assert.ok(parts.images.size <= 1 + 7, `${parts.images.size} images: the script, and chunks`)
    assert.ok(config.prefixes.size <= 5, `${config.prefixes.size} prefixes`)
    assert.equal(engine.stats().running, 0)
  })
})
