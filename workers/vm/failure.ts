// What to tell about a failed run. Everything here is read raw: no code of the script runs any more, no __tostring, no
// __name. Lengths are bounded before anything is copied.

import type { MoonpoolErrorCode } from '../../src/errors.js'
import { MAX_MESSAGE_BYTES } from '../../src/limits.js'
import {
  LUA_ERRMEM,
  LUA_OK,
  LUA_TBOOLEAN,
  LUA_TFUNCTION,
  LUA_TLIGHTUSERDATA,
  LUA_TNUMBER,
  LUA_TSTRING,
  LUA_TTABLE,
  LUA_TTHREAD,
  LUA_TUSERDATA,
  type LuaState,
} from './lua.js'
import { cutText } from './text.js'
import type { Vm } from './vm.js'

/** A status beside Lua's own: something that is no error of Lua's ended the run, see `vm.thrown`. */
export const TRAPPED = -1
/** Another: the run was ended from outside, see hook.ts. */
export const STOPPED = -2

export interface ErrorDescription {
  readonly code: MoonpoolErrorCode
  /** Never empty; at most MAX_MESSAGE_BYTES of UTF-8. */
  readonly message: string
  /** In the script itself, if it is known. */
  readonly line?: number | undefined
  /** One level a line; at most twice MAX_MESSAGE_BYTES. */
  readonly traceback: string
  /** The error value is a table: it is on top of the run thread's stack. */
  readonly hasTableValue: boolean
}

const MEMORY_MESSAGE = 'not enough memory'
const MEMORY_REMEDY = `${MEMORY_MESSAGE}: keep less, or raise limits.memoryBytes`
/** Lua cuts the names of chunks to this many bytes in its messages. */
const MAX_SHOWN_NAME_BYTES = 59

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [LUA_TBOOLEAN]: 'boolean',
  [LUA_TLIGHTUSERDATA]: 'userdata',
  [LUA_TTABLE]: 'table',
  [LUA_TFUNCTION]: 'function',
  [LUA_TUSERDATA]: 'userdata',
  [LUA_TTHREAD]: 'thread',
}

/** The traceback of a thread as it stands. Empty when Lua has no memory left to write one. */
export function readTraceback(vm: Vm, of: LuaState = vm.runThread): string {
  const { lua, mainState } = vm
  lua.lua_pushcclosure(mainState, vm.addresses.natives.traceback, 0)
  lua.lua_pushthread(of)
  lua.lua_xmove(of, mainState, 1)
  const status = lua.lua_pcallk(mainState, 1, 1, 0, 0, 0)
  const text = status === LUA_OK ? cutText(vm, mainState, -1, 2 * MAX_MESSAGE_BYTES) : ''
  lua.lua_settop(mainState, 0)
  return text
}

/** The script's name as Lua shows it in messages. */
function shownName(vm: Vm): string {
  const bytes = Buffer.from(vm.scriptName)
  return bytes.length <= MAX_SHOWN_NAME_BYTES
    ? vm.scriptName
    : bytes.toString('utf8', 0, MAX_SHOWN_NAME_BYTES)
}

/** The number in `prefix name:NUMBER:` if `text` has that at `at`. */
function lineAt(text: string, at: number, name: string): number | undefined {
  if (name === '' || !text.startsWith(`${name}:`, at)) return undefined
  const digits = /^\d{1,9}(?=:)/.exec(text.slice(at + name.length + 1, at + name.length + 12))
  return digits === null ? undefined : Number(digits[0])
}

/** The innermost line of the script in the traceback. */
function lineInTraceback(traceback: string, name: string): number | undefined {
  for (let at = traceback.indexOf('\n\t'); at >= 0; at = traceback.indexOf('\n\t', at + 1)) {
    const line = lineAt(traceback, at + 2, name)
    if (line !== undefined) return line
  }
  return undefined
}

function describeText(vm: Vm, status: number, traceback: string): ErrorDescription {
  const message = cutText(vm, vm.runThread, -1, MAX_MESSAGE_BYTES)
  const name = shownName(vm)
  const line = lineAt(message, 0, name) ?? lineInTraceback(traceback, name)
  if (status === LUA_ERRMEM || message === MEMORY_MESSAGE) {
    return { code: 'MOONPOOL_MEMORY', message: MEMORY_REMEDY, line, traceback, hasTableValue: false }
  }
  return {
    code: 'MOONPOOL_LUA_ERROR',
    message: message === '' ? positioned('(error with an empty message)', name, line) : message,
    line,
    traceback,
    hasTableValue: false,
  }
}

function positioned(text: string, name: string, line: number | undefined): string {
  return line === undefined ? text : `${name}:${line}: ${text}`
}

function describeTrap(vm: Vm): ErrorDescription {
  const { thrown } = vm
  let message = 'a host function failed'
  if (thrown instanceof RangeError) message = 'stack overflow'
  else if (thrown instanceof WebAssembly.RuntimeError) message = `the VM trapped: ${thrown.message}`
  else if (thrown instanceof Error) message = `the VM failed: ${thrown.message}`
  const cut = Buffer.from(message).toString('utf8', 0, MAX_MESSAGE_BYTES / 4)
  return { code: 'MOONPOOL_LUA_ERROR', message: cut, traceback: '', hasTableValue: false }
}

/** Where the run was. Why it had to stop is known to main alone, unless its budget was spent. */
function describeStop(vm: Vm): ErrorDescription {
  const { traceback, stopCode: code, budget } = vm
  const name = shownName(vm)
  const line = lineInTraceback(traceback, name)
  const text = `stopped after ${budget.limit} instructions: do less in one run, or raise limits.instructions`
  const message = code === 'MOONPOOL_INSTRUCTIONS' ? positioned(text, name, line) : 'stopped'
  return { code, message, line, traceback, hasTableValue: false }
}

/** What `status`, as resumeRun gave it, was about. The error value stays on top of the run thread's stack. */
export function describeError(vm: Vm, status: number): ErrorDescription {
  if (status === TRAPPED) return describeTrap(vm)
  if (status === STOPPED) return describeStop(vm)
  const { lua, runThread, traceback } = vm
  try {
    const type = lua.lua_type(runThread, -1)
    if (type === LUA_TSTRING) return describeText(vm, status, traceback)
    const name = shownName(vm)
    const line = lineInTraceback(traceback, name)
    const kind =
      type === LUA_TNUMBER ? numberText(vm) : `(error object is a ${TYPE_NAMES[type] ?? 'nil'} value)`
    const hasTableValue = type === LUA_TTABLE
    return {
      code: 'MOONPOOL_LUA_ERROR',
      message: positioned(kind, name, line),
      line,
      traceback,
      hasTableValue,
    }
  } catch (thrown) {
    vm.condemned = true
    vm.thrown = thrown
    return describeTrap(vm)
  }
}

/** As Lua would write it; a copy, because the value on the stack must stay a number. */
function numberText(vm: Vm): string {
  const { lua, runThread } = vm
  lua.lua_pushvalue(runThread, -1)
  const text = cutText(vm, runThread, -1, MAX_MESSAGE_BYTES)
  lua.lua_settop(runThread, -2)
  return text
}

/** Why lua_load failed; nothing has run, so there is no traceback. */
export function describeLoadFailure(vm: Vm, status: number): ErrorDescription {
  if (status === TRAPPED) return describeTrap(vm)
  const description = describeText(vm, status, '')
  const isMemory = description.code === 'MOONPOOL_MEMORY'
  return isMemory ? description : { ...description, code: 'MOONPOOL_LUA_SYNTAX' }
}
