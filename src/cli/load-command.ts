// moonpool load: runs that arrive at a fixed rate, on an engine of this process.

import type { Engine, LuaArgument, RunOptions } from '../index.js'
import { DEFAULT_TIMEOUT_MS } from '../limits.js'
import { arrive, realPace } from './arrivals.js'
import { asMoonpoolError, errorText, factsOf, usageErrorOf } from './error-report.js'
import { EXIT_FAILED, EXIT_OK, UsageError } from './exit-codes.js'
import type { Interruption } from './interruption.js'
import { type LoadPlan, type LoadResult, loadJson, planText, resultText } from './load-output.js'
import { LoadRecorder } from './load-recorder.js'
import { PrintGate } from './print-gate.js'
import { startProgress } from './progress-bar.js'
import { prepareReport } from './report-file.js'
import { readScriptFile, type ScriptFile } from './script-file.js'
import { ScriptRunner } from './script-runner.js'
import { jsonText, paletteFor, writeError, writeOut } from './terminal.js'

export interface LoadFlags {
  readonly rate: number
  /** Seconds. */
  readonly duration: number
  readonly prefixes: number
  readonly args?: LuaArgument
  readonly threads?: number
  readonly timeout?: number
  readonly report?: string
  readonly json?: true
}

/** What every one of so many runs prints is no news. */
const DROP = (): void => {}

/** After the last arrival runs may end under their timeout; a queue that is longer than this is not waited for. */
const DRAIN_MS = 5_000
const DRAIN_LOOK_MS = 5

interface Session {
  readonly file: ScriptFile
  readonly flags: LoadFlags
  readonly engine: Engine
  readonly interruption: Interruption
}

export async function load(path: string, flags: LoadFlags, interruption: Interruption): Promise<number> {
  const file = await readScriptFile(path)
  const report = flags.report === undefined ? undefined : await prepareReport(flags.report)
  const { createEngine } = await import('../index.js')
  const prints = new PrintGate(DROP)
  const limits = { timeoutMs: flags.timeout }
  const engine = await createEngine({ threads: flags.threads, limits, onPrint: prints.onPrint })
  const session = { file, flags, engine, interruption }
  try {
    const runner = new ScriptRunner(engine, file, 'args' in flags ? [flags.args as LuaArgument] : [])
    // Shows whether the file has a main, and stops here if it does not run at all.
    const [options] = tenants(1)
    await runner.start({ ...options, signal: interruption.signal }, prints)
    prints.open()
    const plan = planOf(session)
    if (!flags.json) writeOut(planText(plan))
    const result = await measure(session, runner, plan)
    writeOut(flags.json ? loadJson(result) : resultText(result))
    await report?.(result)
    const { failed, unfinished } = result.recording
    return failed + unfinished === 0 ? EXIT_OK : EXIT_FAILED
  } catch (error) {
    return fail(session, error)
  } finally {
    await engine.close({ graceMs: 0 })
    if (interruption.isRaised) writeError('interrupted')
  }
}

function fail({ flags, interruption }: Session, thrown: unknown): number {
  if (thrown instanceof UsageError) throw thrown
  const error = asMoonpoolError(thrown)
  const usageError = usageErrorOf(error)
  if (usageError !== undefined) throw usageError
  if (flags.json) writeOut(jsonText({ ok: false, error: factsOf(error) }))
  else if (!interruption.isRaised) writeError(errorText(error, paletteFor(process.stderr)))
  return EXIT_FAILED
}

/** One set of options for each prefix. */
function tenants(count: number): RunOptions[] {
  return Array.from({ length: count }, (_, index) => ({ cachePrefix: `tenant_${index + 1}` }))
}

function planOf({ file, flags, engine }: Session): LoadPlan {
  const { rate, duration, prefixes } = flags
  return { file: file.path, rate, duration, prefixes, threads: engine.stats().threads }
}

async function measure(
  { flags, engine, interruption }: Session,
  runner: ScriptRunner,
  plan: LoadPlan,
): Promise<LoadResult> {
  const { rate, duration, prefixes } = plan
  const { timeout = DEFAULT_TIMEOUT_MS } = flags
  const durationMs = duration * 1000
  const options = tenants(prefixes)
  const progress = await startProgress(durationMs, `of ${duration} s`)
  const { cache: before } = engine.stats()
  const recorder = new LoadRecorder(durationMs)
  const startMs = realPace.nowMs()
  const onArrival = (dueMs: number, nowMs: number): void => {
    recorder.began(dueMs, nowMs)
    runner.run(options[Math.floor(Math.random() * prefixes)] as RunOptions).then(
      () => recorder.completed(dueMs, nowMs),
      (error: unknown) => recorder.failed(asMoonpoolError(error).code),
    )
    progress.update(nowMs - startMs)
  }
  try {
    await arrive({ ratePerSecond: rate, durationMs, pace: realPace, signal: interruption.signal, onArrival })
    await drained(recorder, interruption.signal, timeout + DRAIN_MS)
  } finally {
    progress.stop()
  }
  const recording = recorder.end()
  const { cache: after } = engine.stats()
  const reads = { hits: after.hits - before.hits, misses: after.misses - before.misses }
  return { ...plan, recording, ...reads }
}

/** Until every run has ended, or nobody wants to wait any longer. */
async function drained(recorder: LoadRecorder, signal: AbortSignal, forMs: number): Promise<void> {
  const endMs = realPace.nowMs() + forMs
  while (recorder.unfinished > 0 && !signal.aborted && realPace.nowMs() < endMs) {
    await new Promise<void>((resolve) => void realPace.wait(DRAIN_LOOK_MS, resolve))
  }
}
