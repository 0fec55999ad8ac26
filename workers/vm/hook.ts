// The count hook. It stands in every image, masked: while the mask is 0 it costs nothing and is never called. When a run
// is past its deadline the watchdog thread unmasks it from outside (hook-arming.ts), and Lua calls it before its next
// instruction. It is the judge: only if the run is really to stop does it end it.
//
// It ends a run by throwing a JavaScript object through Lua. No pcall, no error handler and no `<close>` sees that, and
// the VM is of no use until its image is restored, which is what happens before every run.

import { STATE } from './layout.js'
import type { LuaState } from './lua.js'
import type { Vm } from './vm.js'

/** Thrown through a VM to end its run. */
export class RunStopped extends Error {
  constructor() {
    super('the run was stopped')
  }
}

/** lua_Hook, called with (lua_State, activation record). */
export function createHook(vm: Vm): (L: LuaState) => undefined {
  return (L) => {
    if (vm.mustStop()) throw new RunStopped()
    vm.words[(L + STATE.hookmask) >>> 2] = 0
  }
}

/** Instructions between two calls once the hook is armed, until whoever armed it says otherwise. */
export const HOOK_INSTRUCTIONS = 1000
