// Every accepted run until it is settled. A run is settled exactly once, here, whoever finds out first: its outcome, the
// end of its thread, or the end of the engine. Until then it pins its prefix and its image.

import type { LuaValue } from '../shared/values.js'
import type { Prefixes } from '../store/prefixes.js'
import type { Images } from './images.js'
import type { Run, RunInput } from './run.js'
import { RunTable } from './run-table.js'

export class RunLedger {
  /** Runs that ended well, and those that did not; loads count as neither. */
  completed = 0
  failed = 0
  readonly #prefixes: Prefixes
  readonly #images: Images
  readonly #runs = new RunTable()
  #onEmpty: (() => void) | undefined

  constructor(prefixes: Prefixes, images: Images) {
    this.#prefixes = prefixes
    this.#images = images
  }

  /** Accepted and not settled: waiting, queued and running. */
  get size(): number {
    return this.#runs.size
  }

  get(id: number): Run | undefined {
    return this.#runs.get(id)
  }

  open(
    input: RunInput,
    prefix: string | undefined,
    resolve: (values: LuaValue[]) => void,
    reject: (error: Error) => void,
  ): Run {
    const opened = this.#prefixes.open(prefix)
    this.#images.pin(input.image)
    const run: Run = {
      id: this.#runs.nextId(),
      kind: input.kind,
      tenant: input.tenant,
      hadTurn: input.hadTurn,
      image: input.image,
      timeoutMs: input.timeoutMs,
      functionName: input.functionName,
      args: input.args,
      source: input.source,
      extras: input.extras,
      prefix: opened,
      resolve,
      reject,
      isShared: false,
      requeues: 0,
      verdict: undefined,
      place: -1,
    }
    this.#runs.add(run)
    return run
  }

  resolve(run: Run, values: LuaValue[]): void {
    if (!this.#close(run)) return
    if (run.source === undefined) this.completed++
    run.resolve(values)
  }

  reject(run: Run, error: Error): void {
    if (!this.#close(run)) return
    if (run.source === undefined) this.failed++
    run.reject(error)
  }

  /** Whether all runs are settled before the time is over. */
  emptyWithin(timeoutMs: number): Promise<boolean> {
    if (this.#runs.size === 0) return Promise.resolve(true)
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs)
      this.#onEmpty = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
  }

  #close(run: Run): boolean {
    if (!this.#runs.delete(run)) return false
    this.#prefixes.unpin(run.prefix)
    this.#images.unpin(run.image)
    if (this.#runs.size === 0) this.#onEmpty?.()
    return true
  }
}
