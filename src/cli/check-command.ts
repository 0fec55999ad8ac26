// moonpool check: does it compile, and what in it is probably not meant. Nothing of the files is executed.

import type { Engine } from '../index.js'
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE, UsageError } from './exit-codes.js'
import type { Interruption } from './interruption.js'
import { type WarningRule, warningsFor } from './lua-warnings.js'
import { quotedLine, readScriptFile, type ScriptFile, sourceLine } from './script-file.js'
import { checkSyntax, withoutPreamble } from './syntax-check.js'
import { harmless, jsonText, type Palette, paletteFor, writeError, writeOut } from './terminal.js'

/** Compiling is quick; this is for a machine that is not. */
const TIMEOUT_MS = 60_000

export interface CheckFlags {
  readonly strict?: true
  readonly json?: true
}

interface Problem {
  readonly severity: 'error' | 'warning'
  readonly rule: 'syntax' | WarningRule
  readonly line?: number | undefined
  readonly message: string
  /** The line it is about. */
  readonly source?: string | undefined
}

interface FileReport {
  readonly file: string
  readonly problems: readonly Problem[]
  /** Why it could not be read. */
  readonly unreadable?: string
}

export async function check(
  paths: readonly string[],
  flags: CheckFlags,
  interruption: Interruption,
): Promise<number> {
  const files = await Promise.all(paths.map(readOrExplain))
  const { createEngine } = await import('../index.js')
  const engine = await createEngine({ threads: 1, limits: { timeoutMs: TIMEOUT_MS } })
  const reports: FileReport[] = []
  try {
    for (const file of files) {
      reports.push('source' in file ? await checkFile(engine, file, interruption.signal) : file)
      if (!flags.json) showReport(reports.at(-1) as FileReport)
    }
  } catch (error) {
    if (!interruption.isRaised) throw error
    writeError('interrupted')
  } finally {
    await engine.close({ graceMs: 0 })
  }
  return conclude(reports, flags)
}

async function readOrExplain(path: string): Promise<ScriptFile | FileReport> {
  try {
    return await readScriptFile(path)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { file: harmless(path), problems: [], unreadable: error.message }
  }
}

async function checkFile(engine: Engine, file: ScriptFile, signal: AbortSignal): Promise<FileReport> {
  const source = withoutPreamble(Buffer.from(file.source))
  const { problem, atomic } = await checkSyntax(engine, source, signal)
  const found: Omit<Problem, 'source'>[] =
    problem === undefined
      ? warningsFor(source.toString('utf8'), atomic).map((warning) => ({ severity: 'warning', ...warning }))
      : [{ severity: 'error', rule: 'syntax', ...problem }]
  const problems = found.map((one) => ({ ...one, source: sourceLine(file, one.line) }))
  return { file: file.path, problems }
}

function showReport({ file, problems, unreadable }: FileReport): void {
  if (unreadable !== undefined) {
    const { bold, red } = paletteFor(process.stderr)
    writeError(`${bold(red('moonpool:'))} ${unreadable}`)
  }
  const palette = paletteFor(process.stdout)
  for (const problem of problems) writeOut(problemText(file, problem, palette))
}

/** `file:line: severity: message`, as editors and CI read it; the source line below. */
function problemText(
  file: string,
  { severity, rule, line, message, source }: Problem,
  { bold, dim, red, yellow }: Palette,
): string {
  const place = line === undefined ? file : `${file}:${line}`
  const severe = severity === 'error' ? red : yellow
  const label = bold(severe(`${severity}:`))
  const head = `${bold(`${place}:`)} ${label} ${harmless(message)} ${dim(`[${rule}]`)}`
  return source === undefined || line === undefined ? head : `${head}\n${dim(quotedLine(line, source))}`
}

function conclude(reports: readonly FileReport[], { strict, json }: CheckFlags): number {
  const problems = reports.flatMap((report) => report.problems)
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const warnings = problems.length - errors
  const unreadable = reports.filter((report) => report.unreadable !== undefined).length
  const ok = errors === 0 && unreadable === 0 && (strict === undefined || warnings === 0)
  if (json) writeOut(jsonText({ ok, files: reports, errors, warnings, unreadable }))
  else {
    const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
    const read = reports.length - unreadable
    const found = `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`
    if (read > 0) writeOut(`${counted(read, 'file')}: ${found}`)
  }
  if (unreadable > 0) return EXIT_USAGE
  return ok ? EXIT_OK : EXIT_FAILED
}
