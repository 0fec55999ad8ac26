// Who waits for which signal to abort. Each signal gets one listener however many runs share it, and loses it with the
// last of them: platforms warn of many listeners, and take time in proportion to remove one of them.
//
// A signal is the host's object, and any object with the right methods will do. If it throws when the listener is to go,
// the listener stays and does nothing any more; the runs that shared it end as they would.

import type { AbortSignalLike } from './contract.js'

interface Watch {
  readonly callbacks: Set<() => void>
  readonly listener: () => void
}

export class AbortSignals {
  readonly #watches = new Map<AbortSignalLike, Watch>()
  #hasWarned = false

  /** Signals that something waits for. */
  get size(): number {
    return this.#watches.size
  }

  /**
   * Calls back when the signal aborts, unless what this returns was called before. Not for a signal that has aborted.
   * The callback must not throw.
   */
  watch(signal: AbortSignalLike, onAbort: () => void): () => void {
    const callbacks = (this.#watches.get(signal) ?? this.#listen(signal)).callbacks
    callbacks.add(onAbort)
    return () => {
      if (callbacks.delete(onAbort) && callbacks.size === 0) this.#forget(signal)
    }
  }

  /** A promise that `start` settles. As long as it is not settled, an abort calls `onAbort`. */
  guard<Value>(
    signal: AbortSignalLike,
    onAbort: (reject: (error: Error) => void) => void,
    start: (resolve: (value: Value) => void, reject: (error: Error) => void) => void,
  ): Promise<Value> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        unwatch()
        reject(error)
      }
      const unwatch = this.watch(signal, () => onAbort(fail))
      try {
        start((value) => {
          unwatch()
          resolve(value)
        }, fail)
      } catch (error) {
        fail(error as Error)
      }
    })
  }

  #listen(signal: AbortSignalLike): Watch {
    const callbacks = new Set<() => void>()
    const listener = (): void => {
      this.#forget(signal)
      for (const callback of callbacks) callback()
      callbacks.clear()
    }
    signal.addEventListener('abort', listener)
    const watch = { callbacks, listener }
    this.#watches.set(signal, watch)
    return watch
  }

  #forget(signal: AbortSignalLike): void {
    const watch = this.#watches.get(signal)
    this.#watches.delete(signal)
    if (watch === undefined) return
    try {
      signal.removeEventListener('abort', watch.listener)
    } catch (error) {
      this.#warn(error)
    }
  }

  /** Once per engine. */
  #warn(error: unknown): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    const why = error instanceof Error ? error.message : 'something that is no error'
    process.emitWarning(`a signal's removeEventListener threw: ${why}; later failures are not reported`, {
      type: 'MoonpoolWarning',
      code: 'MOONPOOL_SIGNAL_FAILED',
    })
  }
}
