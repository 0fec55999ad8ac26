// Everything the wasm may ask of its surroundings: time, more memory, and Lua's longjmp. No file, no environment, no
// process: those imports are constant refusals.
//
// Lua's errors are emscripten's JavaScript kind: a protected call goes out through invoke_vii and comes back in; a
// longjmp is the number Infinity thrown through both. Anything else that is thrown passes, and leaves the VM broken.

import type { Lua, LuaRuntime, Pointer } from './lua.js'
import { clearDays, formatTime, readTime, secondsOfTime, timeOfSeconds, writeTime } from './time.js'

const ENOENT = -44
const ENOSYS = -52
const WASI_ENOSYS = 52
const MAX_FORMAT_BYTES = 256

/** What the imports use of their VM. */
export interface ImportHost {
  readonly lua: Lua & LuaRuntime
  readonly bytes: Buffer
  readonly view: DataView
  /** Milliseconds since 1970. */
  wallClockMs(): number
  /** @returns whether the memory has at least `sizeBytes` now */
  grow(sizeBytes: number): boolean
}

type ImportFunction = (...args: never[]) => number | bigint | undefined
export type Imports = Record<'env' | 'wasi_snapshot_preview1', Record<string, ImportFunction>>

/** The C string at `address`, at most `maxBytes` of it. */
function readCString(bytes: Buffer, address: Pointer, maxBytes: number): string {
  const end = bytes.indexOf(0, address)
  return bytes.toString('latin1', address, end < 0 ? address : Math.min(end, address + maxBytes))
}

function timeImports(host: ImportHost): Record<string, ImportFunction> {
  const breakDown = (seconds: bigint, at: Pointer): undefined => {
    writeTime(host.view, at, timeOfSeconds(seconds))
  }
  return {
    emscripten_date_now: () => host.wallClockMs(),
    _gmtime_js: breakDown,
    _localtime_js: breakDown,
    _tzset_js: (offsetAt: Pointer, daylightAt: Pointer): undefined => {
      host.view.setInt32(offsetAt, 0, true)
      host.view.setInt32(daylightAt, 0, true)
    },
    _mktime_js: (at: Pointer): bigint => {
      const seconds = secondsOfTime(readTime(host.view, at))
      const normal = seconds === undefined ? undefined : timeOfSeconds(seconds)
      if (seconds === undefined || normal === undefined) {
        clearDays(host.view, at)
        return -1n
      }
      writeTime(host.view, at, normal)
      return seconds
    },
    strftime: (target: Pointer, maxBytes: number, format: Pointer, at: Pointer): number => {
      const text = formatTime(readCString(host.bytes, format, MAX_FORMAT_BYTES), readTime(host.view, at))
      if (text.length >= maxBytes) return 0
      host.bytes.write(text, target, 'latin1')
      host.bytes[target + text.length] = 0
      return text.length
    },
  }
}

function controlImports(host: ImportHost): Record<string, ImportFunction> {
  const functions: ((a: number, b: number) => void)[] = []
  return {
    invoke_vii: (index: number, a: number, b: number): undefined => {
      const { lua } = host
      const stack = lua.stackSave()
      try {
        let called = functions[index]
        if (called === undefined) {
          called = lua.__indirect_function_table.get(index) as (a: number, b: number) => void
          functions[index] = called
        }
        called(a, b)
      } catch (thrown) {
        lua.stackRestore(stack)
        if (thrown !== Number.POSITIVE_INFINITY) throw thrown
        lua.setThrew(1, 0)
      }
    },
    _emscripten_throw_longjmp: (): never => {
      throw Number.POSITIVE_INFINITY
    },
    emscripten_resize_heap: (sizeBytes: number): number => (host.grow(sizeBytes >>> 0) ? 1 : 0),
    abort: (): never => {
      throw new Error('Lua raised an error outside any protected call')
    },
    exit: (): never => {
      throw new Error('exit was called')
    },
  }
}

function refusals(host: ImportHost): Imports {
  const noEntry = (): number => ENOENT
  const noSystem = (): number => ENOSYS
  const noWasi = (): number => WASI_ENOSYS
  /** Swallows everything and reports it as written: Lua's own warnings and panic message go here. */
  const swallow = (_file: number, vectors: Pointer, count: number, writtenAt: Pointer): number => {
    let written = 0
    for (let i = 0; i < count; i++) written += host.view.getUint32(vectors + 8 * i + 4, true)
    host.view.setUint32(writtenAt, written, true)
    return 0
  }
  const noEnvironment = (countAt: Pointer, sizeAt: Pointer): number => {
    host.view.setUint32(countAt, 0, true)
    host.view.setUint32(sizeAt, 0, true)
    return 0
  }
  return {
    env: {
      system: () => -1,
      _emscripten_get_now_is_monotonic: () => 1,
      __syscall_openat: noEntry,
      __syscall_unlinkat: noEntry,
      __syscall_rmdir: noEntry,
      __syscall_renameat: noEntry,
      __syscall_readlinkat: noEntry,
      __syscall_fcntl64: noSystem,
      __syscall_ioctl: noSystem,
      __syscall_dup3: noSystem,
    },
    wasi_snapshot_preview1: {
      fd_write: swallow,
      fd_read: noWasi,
      fd_close: noWasi,
      fd_seek: noWasi,
      environ_sizes_get: noEnvironment,
      environ_get: () => 0,
    },
  }
}

export function createImports(host: ImportHost): Imports {
  const refused = refusals(host)
  return { ...refused, env: { ...refused.env, ...timeImports(host), ...controlImports(host) } }
}
