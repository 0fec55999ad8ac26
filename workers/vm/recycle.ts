// Memory of dropped VMs. The memory of a wasm instance lies outside of V8's heap, and a shared one does not count there
// either: V8 sees no reason to collect, and dropped VMs of 64 MiB pile up to gigabytes. So whoever drops a grown VM has
// it collected at once, in its own thread: 7–15 ms.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

/**
 * When the thread starts. Not when it is needed: a thread that is ended in the middle of this prints a page of complaints
 * of V8's on some Node lines, and VMs are dropped when threads end.
 */
export function prepareToCollect(): void {
  if (collect !== undefined) return
  setFlagsFromString('--expose-gc')
  collect = runInNewContext('gc') as () => void
}

/** Gives back the memory of VMs that nothing in this thread refers to any more. Blocks the thread for 7–15 ms. */
export function collectDroppedMemory(): void {
  prepareToCollect()
  collect?.()
}
