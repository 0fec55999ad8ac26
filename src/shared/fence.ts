// Order between plain accesses before and plain accesses after, for memory that is read while it is written.
//
// JavaScript has no fence, and `Atomics.load` and `Atomics.store` alone are none: on ARM64 they are a load-acquire and a
// store-release, past which other accesses move in one direction each. A store-release followed by a load-acquire is
// one: nothing moves down past the store, nothing up past the load, and the two keep their order (RCsc).
//
// x64 needs nothing for that: it reorders only a store with a later load. Where a protocol depends on those, it has an atomic
// exchange in between, or `fullFence`.

/** Whether this processor needs more than program order. */
export const REORDERS: boolean = process.arch !== 'x64' && process.arch !== 'ia32'

/** `own`: a word that no other thread uses, in shared memory. */
export function fence(own: Int32Array): void {
  if (!REORDERS) return
  Atomics.store(own, 0, 0)
  Atomics.load(own, 0)
}

/** Order between all accesses before and all after, a store and a later load included. */
export function fullFence(own: Int32Array): void {
  Atomics.store(own, 0, 0)
  Atomics.load(own, 0)
}

/** A word for fences, on a cache line of its own. */
export function createFenceWord(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(64), 0, 1)
}
