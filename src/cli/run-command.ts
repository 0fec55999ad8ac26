// moonpool run: one run and its result, or many and their figures.

import { performance } from 'node:perf_hooks'
import type { Engine, LuaArgument, RunOptions } from '../index.js'
import { asMoonpoolError, errorText, factsOf, usageErrorOf } from './error-report.js'
import { EXIT_FAILED, EXIT_OK } from './exit-codes.js'
import type { Interruption } from './interruption.js'
import { PrintGate } from './print-gate.js'
import { startProgress } from './progress-bar.js'
import { type RepetitionResult, repeat } from './repetition.js'
import { showFigures, showResult, writeJson } from './run-output.js'
import { readScriptFile, type ScriptFile } from './script-file.js'
import { ScriptRunner } from './script-runner.js'
import { paletteFor, writeError, writeOut } from './terminal.js'

export interface RunFlags {
  /** As JSON.parse gives it; there only if it was given. */
  readonly args?: LuaArgument
  readonly prefix?: string
  readonly repeat?: number
  readonly concurrency: number
  readonly threads?: number
  readonly timeout?: number
  readonly json?: true
}

/** Everything that one call of the command needs. */
interface Session {
  readonly file: ScriptFile
  readonly flags: RunFlags
  readonly engine: Engine
  readonly prints: PrintGate
  readonly interruption: Interruption
}

export async function run(path: string, flags: RunFlags, interruption: Interruption): Promise<number> {
  const file = await readScriptFile(path)
  const prints = new PrintGate(flags.json ? writeError : writeOut)
  const engine = await startEngine(flags, prints)
  try {
    return await runFile({ file, flags, engine, prints, interruption })
  } finally {
    await engine.close({ graceMs: 0 })
    if (interruption.isRaised) writeError('interrupted')
  }
}

async function startEngine(flags: RunFlags, { onPrint }: PrintGate): Promise<Engine> {
  const { createEngine } = await import('../index.js')
  // A second thread would only watch one run after the other.
  const threads = flags.threads ?? (flags.concurrency === 1 ? 1 : undefined)
  return createEngine({ threads, limits: { timeoutMs: flags.timeout }, onPrint })
}

async function runFile(session: Session): Promise<number> {
  const { file, flags, engine, prints } = session
  const runner = new ScriptRunner(engine, file, 'args' in flags ? [flags.args as LuaArgument] : [])
  const options: RunOptions = {
    signal: session.interruption.signal,
    ...(flags.json ? { result: 'json' } : {}),
    ...(flags.prefix === undefined ? {} : { cachePrefix: flags.prefix }),
  }
  const startMs = performance.now()
  try {
    const { result, ms } = await runner.start(options, prints)
    if (flags.repeat !== undefined) {
      const repetition = await runAgain(session, flags.repeat, ms, () => runner.run(options))
      return showRepetition(session, result, repetition)
    }
    if (flags.json) writeJson({ ok: true, result, ms })
    else showResult(result)
    return EXIT_OK
  } catch (error) {
    return fail(session, error, performance.now() - startMs)
  }
}

function fail({ flags, interruption }: Session, thrown: unknown, ms: number): number {
  const error = asMoonpoolError(thrown)
  const usageError = usageErrorOf(error)
  if (usageError !== undefined) throw usageError
  if (flags.json) writeJson({ ok: false, error: factsOf(error), ms })
  else if (!interruption.isRaised) writeError(errorText(error, paletteFor(process.stderr)))
  return EXIT_FAILED
}

/** All `total` runs but the first, which has been. */
async function runAgain(
  { flags, interruption }: Session,
  total: number,
  firstMs: number,
  runIt: () => Promise<unknown>,
): Promise<RepetitionResult> {
  const progress = await startProgress(total, 'runs')
  let done = 1
  const repetition = {
    runs: total - 1,
    concurrency: flags.concurrency,
    firstMs,
    isStopped: () => interruption.isRaised,
    onDone: () => progress.update(++done),
  }
  try {
    return await repeat(runIt, repetition, (error) => asMoonpoolError(error).code)
  } finally {
    progress.stop()
  }
}

function showRepetition({ flags }: Session, result: unknown, repetition: RepetitionResult): number {
  const { firstError, failed } = repetition
  const error = firstError === undefined ? undefined : asMoonpoolError(firstError)
  if (flags.json) {
    const { latencies, failures, runs, seconds } = repetition
    const { p50Ms, p99Ms } = latencies.percentiles()
    const outcome = error === undefined ? { ok: true, result } : { ok: false, error: factsOf(error) }
    const counts = { runs, failed, failures: Object.fromEntries(failures), runsPerSecond: runs / seconds }
    writeJson({ ...outcome, ms: seconds * 1000, ...counts, p50Ms, p99Ms, histogram: latencies.steps() })
  } else {
    showResult(result)
    if (error !== undefined) writeError(errorText(error, paletteFor(process.stderr)))
    showFigures(repetition)
  }
  return failed === 0 ? EXIT_OK : EXIT_FAILED
}
