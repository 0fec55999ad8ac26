// What a run that ended badly is rejected with.

import {
  createError,
  type ErrorDetails,
  type MoonpoolError,
  type MoonpoolErrorCode,
  type QueueFacts,
} from '../errors.js'
import type { FaultReport, Outcome } from '../shared/outcome.js'
import type { AbortSignalLike, RunRequest } from './contract.js'
import type { Run } from './run.js'
import { scriptStack } from './script-stack.js'
import { sourceLineOf } from './source-line.js'

/** Where in a script, as far as its worker could tell. */
type Place = Pick<FaultReport, 'line' | 'traceback'>

const UNKNOWN: Place = { line: 0, traceback: '' }

/** A run that failed, as its worker reported it: by its own fault, or stopped, at its deadline unless it has a verdict. */
export function faultError(run: Run, fault: NonNullable<Outcome['fault']>): MoonpoolError {
  const { code, message, value } = fault
  const isStop = code === 'MOONPOOL_TIMEOUT'
  if (run.verdict !== undefined) return isStop ? verdictAt(fault, run, run.verdict) : run.verdict
  return isStop ? stoppedError(run, code, fault) : errorAt(fault, run, code, message, { value })
}

/** The verdict was there before anybody knew where the run would be stopped. */
function verdictAt(place: Place, run: Run, verdict: MoonpoolError): MoonpoolError {
  const { code, message, cause } = verdict
  const { name } = run.image
  if (place.line === 0 || !message.startsWith(`${name}: `)) return verdict
  return errorAt(place, run, code, `${name}:${place.line}${message.slice(name.length)}`, { cause })
}

function errorAt(
  place: Place,
  run: Run,
  code: MoonpoolErrorCode,
  message: string,
  more: Pick<ErrorDetails, 'value' | 'cause'> = {},
): MoonpoolError {
  const script = run.image.name
  const line = place.line > 0 ? place.line : undefined
  const source = run.source ?? run.image.source
  const sourceLine = source && line !== undefined ? sourceLineOf(source, line) : undefined
  const traceback = place.traceback === '' ? undefined : place.traceback
  const stack = scriptStack({ message, script, line, sourceLine, traceback })
  return createError(code, message, { script, line, sourceLine, traceback, stack, ...more })
}

/** A run that was ended from outside. */
export function stoppedError(run: Run, code: MoonpoolErrorCode, place: Place = UNKNOWN): MoonpoolError {
  const script = run.image.name
  const where = place.line > 0 ? `${script}:${place.line}` : script
  const what: Partial<Record<MoonpoolErrorCode, string>> = {
    MOONPOOL_TIMEOUT:
      `${where}: stopped after ${run.timeoutMs} ms: do less in one run, or raise ` +
      `${run.source === undefined ? 'timeoutMs' : 'limits.timeoutMs'}`,
    MOONPOOL_CLOSED: `${script}: the engine was closed before the run had ended`,
    MOONPOOL_WORKER_LOST: `${script}: the worker thread died under the run; what it had written is kept`,
  }
  return errorAt(place, run, code, what[code] ?? `${script}: the run was stopped`)
}

export function abortedError(script: string, signal: AbortSignalLike): MoonpoolError {
  const message = `${script}: aborted by its signal`
  const stack = scriptStack({ message, script })
  return createError('MOONPOOL_ABORTED', message, { script, stack, cause: signal.reason })
}

/** Main could not handle what the run's worker said. */
export function defectError(run: Run, cause: unknown): MoonpoolError {
  return createError('MOONPOOL_WORKER_LOST', `${run.image.name}: ${String(cause)}`, { cause })
}

export function closedError(): MoonpoolError {
  return createError('MOONPOOL_CLOSED', 'the engine is closed: create another')
}

export function queueFullError(queue: QueueFacts): MoonpoolError {
  const { option, queued, tenantQueued, cachePrefix } = queue
  const tenant =
    cachePrefix === undefined ? 'runs without a cache prefix' : `runs of ${JSON.stringify(cachePrefix)}`
  const text =
    option === 'maxQueue'
      ? `${queued} runs are waiting (maxQueue), ${tenantQueued} of them ${tenant}: try again later, add threads, ` +
        'raise maxQueue, or bound each tenant by tenants.maxQueue'
      : `${tenantQueued} ${tenant} are waiting (tenants.maxQueue): try again later, or raise it`
  return createError('MOONPOOL_QUEUE_FULL', text, { queue })
}

export function argumentsTooLargeError(request: RunRequest, maxArgumentBytes: number): MoonpoolError {
  return createError(
    'MOONPOOL_INVALID_VALUE',
    `${request.scriptName}: the arguments have ${request.args.lengthBytes} bytes, more than ` +
      `limits.maxArgumentBytes (${maxArgumentBytes}): raise it, or pass less`,
    { script: request.scriptName },
  )
}
