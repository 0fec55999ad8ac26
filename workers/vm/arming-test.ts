// Whether the hook can be armed: the second half of a VM's self test. It may fail without refusing the start, since a run
// that cannot be stopped in its VM is stopped with its thread.
//
// A script calls the probe in the middle of what it does; the probe arms the hook as the watchdog thread would; the loop
// behind it, which ends by itself if nothing happens and before the hook's own count is up, has to be stopped.

import { loadChunk, resumeRun, STOPPED } from './execution.js'
import { armHook, HOOK_OFFSETS, type HookOffsets, innermostState } from './hook-arming.js'
import type { Image } from './image.js'
import { restoreImage } from './restoring.js'
import type { Vm } from './vm.js'

/** Each gets the probe and must be stopped while that many states run. */
const LOOPS: readonly (readonly [number, string])[] = [
  [1, 'local arm = ... arm() for i = 1, 50 do end'],
  [1, 'local arm = ... pcall(function() arm() for i = 1, 50 do end end)'],
  [2, 'local arm = ... coroutine.wrap(function() arm() for i = 1, 50 do end end)()'],
  [2, 'local arm = ... coroutine.resume(coroutine.create(function() pcall(arm) for i = 1, 50 do end end))'],
]

/** Leaves the VM at the image it was given. */
export function testArming(vm: Vm, base: Image, offsets: HookOffsets = HOOK_OFFSETS): boolean {
  const { mustStop, probe } = vm
  const { memory, runThread, functions } = vm
  const armable = { memory, runThread, hook: functions.hook }
  const isStopped = ([states, source]: readonly [number, string]): boolean => {
    let armed = 0
    let asked = 0
    let innermost = 0
    vm.probe = () => {
      innermost = innermostState(armable)
      armed = armHook(armable, offsets)
    }
    vm.mustStop = () => {
      if (armed > 0) asked++
      return armed > 0
    }
    restoreImage(vm, base)
    if (loadChunk(vm, Buffer.from(source), 'self-test') !== undefined) return false
    vm.lua.lua_pushcclosure(runThread, functions.probe, 0)
    const { status } = resumeRun(vm, 1)
    return (
      status === STOPPED && armed === states && asked === 1 && (innermost === runThread) === (states === 1)
    )
  }
  try {
    return LOOPS.every(isStopped) && !vm.condemned
  } finally {
    vm.mustStop = mustStop
    vm.probe = probe
    vm.condemned = false
    restoreImage(vm, base)
  }
}
