// How a run comes in: refused at once, or accepted, which means that it is settled some day.

import type { MoonpoolError } from '../errors.js'
import { RUN_KINDS } from '../shared/run-queue.js'
import type { LuaValue } from '../shared/values.js'
import type { AbortSignals } from './abort-signals.js'
import type { AbortSignalLike, RunRequest } from './contract.js'
import { FunctionNames } from './function-names.js'
import type { Image } from './images.js'
import type { Run, RunInput, TenantKey } from './run.js'
import { abortedError, argumentsTooLargeError } from './run-errors.js'
import type { RunLedger } from './run-ledger.js'
import type { RunStopper } from './run-stopper.js'

export interface IntakeParts {
  readonly ledger: RunLedger
  readonly signals: AbortSignals
  readonly stopper: RunStopper
  /** Why no run is accepted now, if so. */
  readonly refusal: (input: RunInput) => MoonpoolError | undefined
  /** Sends an accepted run on its way. */
  readonly admit: (run: Run) => void
}

export class Intake {
  readonly #parts: IntakeParts

  readonly #maxArgumentBytes: number
  readonly #functionNames = new FunctionNames()

  constructor(maxArgumentBytes: number, parts: IntakeParts) {
    this.#maxArgumentBytes = maxArgumentBytes
    this.#parts = parts
  }

  run(request: RunRequest): Promise<LuaValue[]> {
    if (request.args.lengthBytes > this.#maxArgumentBytes) {
      return Promise.reject(argumentsTooLargeError(request, this.#maxArgumentBytes))
    }
    const image = request.image as Image
    const hadTurn = image.turnsTaken !== undefined && takeTurn(image.turnsTaken, request.prefix)
    const input: RunInput = {
      kind: RUN_KINDS.indexOf(request.kind),
      tenant: request.prefix,
      hadTurn,
      image,
      timeoutMs: request.timeoutMs,
      functionName: this.#functionNames.bytesOf(request.functionName),
      args: request.args,
      source: undefined,
      extras: request.extras,
    }
    return this.accept(input, request.prefix)
  }

  accept(input: RunInput, prefix: string | undefined): Promise<LuaValue[]> {
    const signal = input.extras?.signal
    if (signal?.aborted) return Promise.reject(abortedError(input.image.name, signal))
    const refusal = this.#parts.refusal(input)
    if (refusal !== undefined) return Promise.reject(refusal)
    if (signal !== undefined) return this.#acceptAbortable(input, prefix, signal)
    return new Promise((resolve, reject) => {
      this.#parts.admit(this.#parts.ledger.open(input, prefix, resolve, reject))
    })
  }

  #acceptAbortable(
    input: RunInput,
    prefix: string | undefined,
    signal: AbortSignalLike,
  ): Promise<LuaValue[]> {
    const { ledger, signals, stopper, admit } = this.#parts
    let run: Run
    return signals.guard(
      signal,
      () => stopper.stop(run, abortedError(input.image.name, signal)),
      (resolve, reject) => {
        run = ledger.open(input, prefix, resolve, reject)
        admit(run)
      },
    )
  }
}

/** Whether the tenant had its turn when the image was loaded: that counts for one run. */
function takeTurn(turns: TenantKey[], tenant: TenantKey): boolean {
  const index = turns.indexOf(tenant)
  if (index >= 0) turns.splice(index, 1)
  return index >= 0
}
