// The count hook. It stands in every image, masked: while the mask is 0 it costs nothing and is never called. When a run
// is past its deadline the watchdog thread unmasks it from outside (hook-arming.ts), and Lua calls it before its next
// instruction. It is the judge: only if the run is really to stop does it end it.
//
// With limits.instructions the hook is on from the beginning and counts: see instruction-budget.ts.
//
// It ends a run by throwing a JavaScript object through Lua. No pcall, no error handler and no `<close>` sees that, and
// the VM is of no use until its image is restored, which is what happens before every run.

import { STATE } from './layout.js'
import type { LuaState } from './lua.js'
import type { Vm } from './vm.js'

/** Thrown through a VM to end its run. */
export class RunStopped extends Error {
  readonly code: 'MOONPOOL_TIMEOUT' | 'MOONPOOL_INSTRUCTIONS'

  constructor(code: RunStopped['code']) {
    super('the run was stopped')
    this.code = code
  }
}

// Made once: taking V8's stack through the frames of a VM takes longer than all the rest of a stop, and nobody sees it.

/** Stands for whatever main or the watchdog stopped the run for; main knows. */
export const STOPPED_FROM_OUTSIDE: RunStopped = new RunStopped('MOONPOOL_TIMEOUT')
export const INSTRUCTIONS_SPENT: RunStopped = new RunStopped('MOONPOOL_INSTRUCTIONS')

/** lua_Hook, called with (lua_State, activation record). */
export function createHook(vm: Vm): (L: LuaState) => undefined {
  return (L) => {
    if (vm.mustStop()) throw STOPPED_FROM_OUTSIDE
    if (vm.budget.isCounting) vm.budget.takeSlice()
    else vm.words[(L + STATE.hookmask) >>> 2] = 0
  }
}
