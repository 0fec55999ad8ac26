// Loads a source on to the run thread, and runs what stands there.
//
// A run is a coroutine: an error leaves its stack as it was, so the traceback needs no handler inside Lua. Afterwards
// the thread is reset, which closes its pending `<close>` variables: they are part of the run, and can replace its error.

import { describeLoadFailure, type ErrorDescription, readTraceback, STOPPED, TRAPPED } from './failure.js'
import { RunStopped } from './hook.js'
import { innermostState } from './hook-arming.js'
import { NOT_YIELDABLE, STATE } from './layout.js'
import { LUA_ERRRUN, LUA_OK, LUA_YIELD } from './lua.js'
import { pushText, readText } from './text.js'
import { NOBODY, type Vm } from './vm.js'

export { describeError, type ErrorDescription, STOPPED, TRAPPED } from './failure.js'

const MAX_POSITION_BYTES = 1024
const NEWLINE = 0x0a
const HASH = 0x23
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

export interface RunEnd {
  /** LUA_OK, another status of Lua's, TRAPPED or STOPPED. */
  readonly status: number
  /** Results on top of the run thread's stack; 0 unless LUA_OK. */
  readonly resultCount: number
}

/** Without byte order mark and without a first line that starts with #; its line break stays, so lines keep their numbers. */
function withoutPreamble(source: Uint8Array): Uint8Array {
  const start = BYTE_ORDER_MARK.every((byte, index) => source[index] === byte) ? BYTE_ORDER_MARK.length : 0
  if (source[start] !== HASH) return source.subarray(start)
  const lineEnd = source.indexOf(NEWLINE, start)
  return source.subarray(lineEnd < 0 ? source.length : lineEnd)
}

/**
 * Compiles `source` (text only) and leaves its function on the run thread's stack; `name` is what messages call it.
 * Returns why it could not.
 */
export function loadChunk(vm: Vm, source: Uint8Array, name: string): ErrorDescription | undefined {
  const { lua, mainState, runThread } = vm
  vm.hasParsed = true
  vm.scriptName = name
  vm.source.begin(withoutPreamble(source))
  try {
    // Name and mode lie in Lua strings on the main stack while lua_load reads them: the scratch area holds the source.
    pushText(vm, mainState, `=${name}`)
    const chunkName = lua.lua_tolstring(mainState, -1, 0)
    pushText(vm, mainState, 't')
    const mode = lua.lua_tolstring(mainState, -1, 0)
    const status = lua.lua_load(runThread, vm.functions.read, 0, chunkName, mode)
    lua.lua_settop(mainState, 0)
    return status === LUA_OK ? undefined : describeLoadFailure(vm, status)
  } catch (thrown) {
    trap(vm, thrown)
    return describeLoadFailure(vm, TRAPPED)
  } finally {
    vm.source.end()
  }
}

function trap(vm: Vm, thrown: unknown): RunEnd {
  vm.condemned = true
  vm.owner = NOBODY
  vm.thrown = thrown
  return { status: TRAPPED, resultCount: 0 }
}

/**
 * Resumes the run thread: a function and `argumentCount` arguments on its stack. Afterwards its results, or the error
 * value, are on top. Never throws.
 */
export function resumeRun(vm: Vm, argumentCount: number): RunEnd {
  try {
    const status = vm.lua.lua_resume(vm.runThread, vm.mainState, argumentCount, vm.scratch)
    if (status === LUA_OK) return { status, resultCount: vm.words[vm.scratch >>> 2] as number }
    return { status: endFailedRun(vm, status), resultCount: 0 }
  } catch (thrown) {
    return thrown instanceof RunStopped ? stop(vm, thrown) : trap(vm, thrown)
  }
}

/**
 * The run was ended where it was. Nothing was unwound inside Lua, so the traceback can still be taken; for anything else
 * the VM has to be restored.
 */
function stop(vm: Vm, { code }: RunStopped): RunEnd {
  vm.stopCode = code
  vm.owner = NOBODY
  try {
    const { memory, runThread, functions } = vm
    vm.traceback = readTraceback(vm, innermostState({ memory, runThread, hook: functions.hook }))
    return { status: STOPPED, resultCount: 0 }
  } catch (thrown) {
    trap(vm, thrown)
    vm.traceback = ''
    return { status: STOPPED, resultCount: 0 }
  }
}

/** Takes the traceback, closes what is pending, leaves the error value on top. Returns the final status. */
function endFailedRun(vm: Vm, status: number): number {
  const { lua, runThread } = vm
  vm.traceback = readTraceback(vm)
  let complaint = ''
  if (status === LUA_YIELD) {
    lua.luaL_where(runThread, 1)
    complaint = `${readText(vm, runThread, -1, MAX_POSITION_BYTES)}attempt to yield from outside a coroutine`
  }
  // Lua leaves the depth of the failed calls in the count; closing starts afresh, and must not yield.
  vm.words[(runThread + STATE.nCcalls) >>> 2] = NOT_YIELDABLE
  const closed = lua.lua_resetthread(runThread)
  if (complaint === '') return closed
  pushText(vm, runThread, complaint)
  return LUA_ERRRUN
}
