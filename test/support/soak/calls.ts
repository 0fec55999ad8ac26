// The calls of a soak: each is made, and checked against what it must give. One that must not fail, gives another run's
// result, or fails otherwise than it must, rejects here.
//
// A thread that dies takes the run inside with it, whatever that is: MOONPOOL_WORKER_LOST is nobody's fault then, but
// counted.

import assert from 'node:assert/strict'
import { type Engine, MoonpoolError, type MoonpoolErrorCode, type Script } from '../../../src/index.js'
import { type InspectedEngine, readyThreads } from '../inspected-engine.js'
import type { SoakKind, SoakSchedule } from './schedule.js'

const TENANTS = 50
/** More of them than limits.evalScripts of a soak's engine. */
const RARE_EVALS = 300
const HOT_EVALS = 8
const LOADED_SOURCES = 200
export const MAX_SOAK_RESULT_BYTES: number = 256 * 1024

const SOURCE = `
  local function clean()
    assert(left == nil and string.format("%d", 1) == "1", "left by another run")
    left, string.format = true, nil
  end
  function main(run)
    clean()
    local key = "k" .. run.n % 500
    local found = cache.get(key)
    assert(found == nil or (found.tenant == run.tenant and found.check == found.n * 7), "another tenant's, or torn")
    cache.put_ttl(key, { n = run.n, check = run.n * 7, tenant = run.tenant }, run.n % 10 == 0 and 0.05 or 600)
    assert(cache.get(key).n == run.n, "its own write")
    return run.n
  end
  function fail(n) clean() if n % 2 == 0 then error({ n = n }) end error("failed " .. n) end
  function large(n, text) clean() cache.put("large" .. n % 7, text) return #text, text .. n end
  function lines(n, count) clean() for i = 1, count do print(n, i) end return n end
  function slow(n) clean() cache.put("slow", n) for i = 1, n % 200 * 5000 do end return n end
  function host(n) clean() local found = cache.get("host" .. n) cache.put("host" .. n, nil) return found end
  function spin() clean() while true do left = {} end end
  function bomb(n)
    clean()
    if n % 2 == 0 then local s = "x" while true do s = s .. s end end
    local t = {} while true do t[#t + 1] = ("x"):rep(2^20) end
  end
  function backtrack() clean() return (("a"):rep(10000)):find(".-.-.-.-b$") end
  function huge(n) return ("x"):rep(n) end`

type Call = (n: number, random: () => number) => Promise<void>

export class SoakCalls {
  readonly ended: Record<SoakKind, number>
  /** Runs that went down with a thread, and threads that died. */
  lost = 0
  deaths = 0
  /** Shared by many runs, and never aborted. */
  readonly signal: AbortSignal = new AbortController().signal
  readonly #inspected: InspectedEngine
  readonly #engine: Engine
  readonly #script: Script
  readonly #schedule: SoakSchedule
  readonly #calls: Readonly<Record<SoakKind, Call>>
  readonly #pending = new Map<number, SoakKind>()

  static async open(inspected: InspectedEngine, schedule: SoakSchedule): Promise<SoakCalls> {
    const script = await inspected.engine.load(SOURCE, { name: 'soak.lua' })
    return new SoakCalls(inspected, script, schedule)
  }

  constructor(inspected: InspectedEngine, script: Script, schedule: SoakSchedule) {
    this.#inspected = inspected
    this.#engine = inspected.engine
    this.#script = script
    this.#schedule = schedule
    this.#calls = {
      plain: (n, random) => this.#plain(n, `tenant${n % TENANTS}`, random),
      stranger: (n, random) => this.#plain(n, `stranger${n}`, random),
      error: (n) => this.#error(n),
      eval: (n, random) => this.#eval(n, random),
      refused: (n) => this.#refused(n),
      large: (n, random) => this.#large(n, random),
      print: (n, random) => this.#print(n, random),
      abort: (n, random) => this.#abort(n, random),
      host: (n) => this.#host(n),
      load: (n) => this.#load(n),
      timeout: (n, random) => this.#stopped('spin', n, 1 + Math.floor(random() * 3)),
      bomb: (n) => fails(this.#script.call('bomb', [n]), 'MOONPOOL_MEMORY'),
      kill: (n) => this.#stopped('backtrack', n, 2),
      death: (n, random) => this.#death(n, random),
    }
    this.ended = Object.fromEntries(Object.keys(this.#calls).map((kind) => [kind, 0])) as Record<
      SoakKind,
      number
    >
  }

  /** Numbers and kinds of the runs that have not ended. */
  get pending(): string {
    return [...this.#pending].map(([n, kind]) => `${n} (${kind})`).join(', ')
  }

  async make(n: number): Promise<void> {
    const kind = this.#schedule.kindOf(n)
    this.#pending.set(n, kind)
    try {
      await this.#calls[kind](n, this.#schedule.randomOf(n))
    } catch (error) {
      if (!(error instanceof MoonpoolError) || error.code !== 'MOONPOOL_WORKER_LOST') {
        throw new Error(`run ${n} (${kind}): ${(error as Error).message}`, { cause: error })
      }
      this.lost++
    }
    this.#pending.delete(n)
    this.ended[kind]++
  }

  async #plain(n: number, tenant: string, random: () => number): Promise<void> {
    const options = { cachePrefix: tenant, signal: random() < 0.05 ? this.signal : undefined }
    assert.equal(await this.#script.run({ n, tenant }, options), n)
  }

  async #error(n: number): Promise<void> {
    const error = await failure(this.#script.call('fail', [n]), 'MOONPOOL_LUA_ERROR')
    if (n % 2 === 0) assert.deepEqual(error.value, { n })
    else assert.match(error.message, new RegExp(`^soak\\.lua:\\d+: failed ${n}$`))
  }

  async #eval(n: number, random: () => number): Promise<void> {
    const source =
      random() < 0.5
        ? `return ..., ${n % HOT_EVALS}`
        : `local own = ${n % RARE_EVALS} assert(own == ${n % RARE_EVALS}) return ...`
    assert.equal(await this.#engine.eval(source, [n], { cachePrefix: `tenant${n % TENANTS}` }), n)
  }

  async #refused(n: number): Promise<void> {
    const script = this.#script
    if (n % 4 === 0) await fails(script.run({ at: new Date(0) }), 'MOONPOOL_INVALID_VALUE')
    else if (n % 4 === 1) await fails(script.call('none', [n]), 'MOONPOOL_NO_FUNCTION')
    else if (n % 4 === 2)
      await fails(script.call('huge', [MAX_SOAK_RESULT_BYTES]), 'MOONPOOL_RESULT_TOO_LARGE')
    else await fails(this.#engine.load(`function main( -- ${n % LOADED_SOURCES}`), 'MOONPOOL_LUA_SYNTAX')
  }

  async #large(n: number, random: () => number): Promise<void> {
    const text = String(n % 10).repeat(5000 + Math.floor(random() * 100_000))
    const results = await this.#script.call('large', [n, text], { cachePrefix: `tenant${n % TENANTS}` })
    assert.ok(results[0] === text.length && results[1] === text + n, 'another large result')
  }

  async #print(n: number, random: () => number): Promise<void> {
    const count = 1 + Math.floor(random() * 20)
    const lines: string[] = []
    const onPrint = (line: string, { context }: { context: unknown }): void => {
      assert.equal(context, n)
      lines.push(line)
    }
    assert.deepEqual(await this.#script.call('lines', [n, count], { onPrint, context: n }), [n])
    assert.deepEqual(
      lines,
      Array.from({ length: count }, (_, i) => `${n}\t${i + 1}`),
    )
  }

  async #abort(n: number, random: () => number): Promise<void> {
    const controller = new AbortController()
    const run = this.#script.call('slow', [n], { signal: controller.signal }).then(
      ([result]) => assert.equal(result, n),
      (error: unknown) => {
        if (!controller.signal.aborted) throw error
        assertCode(error, 'MOONPOOL_ABORTED')
        assert.equal((error as MoonpoolError).cause, n)
      },
    )
    const turns = Math.floor(random() * 30)
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
    if (random() < 0.7) controller.abort(n)
    await run
  }

  async #host(n: number): Promise<void> {
    const cachePrefix = `tenant${n % TENANTS}`
    const cache = this.#engine.cache.withPrefix(cachePrefix)
    await cache.put(`host${n}`, { n })
    assert.deepEqual(await this.#script.call('host', [n], { cachePrefix }), [{ n }])
    assert.equal(await cache.get(`host${n}`), null)
  }

  async #load(n: number): Promise<void> {
    const source = `local own = ${n % LOADED_SOURCES} function main(n) return { own, n } end`
    const script = await this.#engine.load(source, { name: `loaded${n % LOADED_SOURCES}.lua` })
    const run = script.run(n)
    script.dispose()
    await fails(script.run(n), 'MOONPOOL_CLOSED')
    assert.deepEqual(await run, [n % LOADED_SOURCES, n])
  }

  async #stopped(name: string, n: number, timeoutMs: number): Promise<void> {
    await fails(this.#script.call(name, [n], { timeoutMs }), 'MOONPOOL_TIMEOUT')
  }

  async #death(n: number, random: () => number): Promise<void> {
    const run = this.#plain(n, `tenant${n % TENANTS}`, random)
    const threads = readyThreads(this.#inspected.parts)
    const thread = threads[Math.floor(random() * threads.length)]
    if (thread !== undefined) {
      this.deaths++
      await Promise.all([run, thread.terminate()])
    }
    await run
  }
}

/** The error that a call must fail with; that its thread was lost passes through. */
async function failure(call: Promise<unknown>, code: MoonpoolErrorCode): Promise<MoonpoolError> {
  const error: unknown = await call.then(
    (value) => assert.fail(`gave ${String(value).slice(0, 100)} instead of failing with ${code}`),
    (reason: unknown) => reason,
  )
  return assertCode(error, code)
}

async function fails(call: Promise<unknown>, code: MoonpoolErrorCode): Promise<void> {
  await failure(call, code)
}

function assertCode(error: unknown, code: MoonpoolErrorCode): MoonpoolError {
  if (!(error instanceof MoonpoolError)) throw error
  if (error.code === 'MOONPOOL_WORKER_LOST') throw error
  assert.equal(error.code, code, error.message)
  return error
}
