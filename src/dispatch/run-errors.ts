// What a run that ended badly is rejected with.

import { createError, type MoonpoolError, type MoonpoolErrorCode } from '../errors.js'
import type { Outcome } from '../shared/outcome.js'
import type { RunRequest } from './contract.js'
import type { Run } from './run.js'

/** The script's own fault, as its worker reported it. */
export function faultError(run: Run, fault: NonNullable<Outcome['fault']>): MoonpoolError {
  return createError(fault.code, fault.message, {
    script: run.image.name,
    line: fault.line > 0 ? fault.line : undefined,
    traceback: fault.traceback === '' ? undefined : fault.traceback,
    value: fault.value,
  })
}

/** A run that was ended from outside. */
export function stoppedError(run: Run, code: MoonpoolErrorCode): MoonpoolError {
  const script = run.image.name
  const what: Partial<Record<MoonpoolErrorCode, string>> = {
    MOONPOOL_TIMEOUT:
      `${script}: stopped after ${run.timeoutMs} ms: do less in one run, or raise ` +
      `${run.source === undefined ? 'timeoutMs' : 'limits.timeoutMs'}`,
    MOONPOOL_CLOSED: `${script}: the engine was closed before the run had ended`,
    MOONPOOL_WORKER_LOST: `${script}: the worker thread died under the run; what it had written is kept`,
  }
  return createError(code, what[code] ?? `${script}: the run was stopped`, { script })
}

export function closedError(): MoonpoolError {
  return createError('MOONPOOL_CLOSED', 'the engine is closed: create another')
}

export function queueFullError(maxQueue: number): MoonpoolError {
  return createError(
    'MOONPOOL_QUEUE_FULL',
    `${maxQueue} runs are waiting (maxQueue): try again later, add threads, or raise maxQueue`,
  )
}

export function argumentsTooLargeError(request: RunRequest, maxArgumentBytes: number): MoonpoolError {
  return createError(
    'MOONPOOL_INVALID_VALUE',
    `${request.scriptName}: the arguments have ${request.argumentBytes.length} bytes, more than ` +
      `limits.maxArgumentBytes (${maxArgumentBytes}): raise it, or pass less`,
    { script: request.scriptName },
  )
}
