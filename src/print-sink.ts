// Where printed lines go on the host. Whatever the listener does, neither the run nor the drain that brought the line
// notices: what it throws, or what its promise rejects with, becomes one process warning per engine.

import { types } from 'node:util'
import type { PrintListener, PrintSink } from './dispatch/contract.js'
import { shown } from './option-problems.js'

const DROPPED =
  'a script printed, and neither the engine nor the run has an onPrint: this line and all such that follow are ' +
  'dropped. Give createEngine({ onPrint: (line, { script, cachePrefix }) => … }) to receive them'

function warn(message: string, code: string, detail?: string): void {
  process.emitWarning(message, {
    type: 'MoonpoolWarning',
    code,
    ...(detail === undefined ? {} : { detail }),
  })
}

/** Calls `tell` the first time only. */
function once(tell: (detail?: unknown) => void): (detail?: unknown) => void {
  let told = false
  return (detail) => {
    if (told) return
    told = true
    tell(detail)
  }
}

/** `listener` is the engine's; a run may have one of its own. */
export function createPrintSink(listener: PrintListener | undefined): PrintSink {
  const dropped = once(() => warn(DROPPED, 'MOONPOOL_PRINT_DROPPED'))
  const failed = once((error) => {
    warn('onPrint threw; later failures are not reported', 'MOONPOOL_PRINT_FAILED', stackOf(error))
  })
  return (line, script, cachePrefix, extras) => {
    const receive = extras?.onPrint ?? listener
    if (receive === undefined) {
      dropped()
      return
    }
    try {
      const returned: unknown = receive(line, { script, cachePrefix, context: extras?.context })
      if (types.isPromise(returned)) returned.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}

/** Never throws, whatever was thrown. */
function stackOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.stack) : shown(thrown)
  } catch {
    return 'something that cannot be shown'
  }
}
