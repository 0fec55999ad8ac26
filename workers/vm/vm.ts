// One instance of Lua with its own memory, drawn in layout.ts.
//
// Ownership: a VM belongs to the thread that made it. Its memory is shared, but only so that its hook can be armed
// from outside. The function table is filled here, once, in one order; every VM of every thread fills it alike, so
// that the indexes inside an image mean the same everywhere. Nothing is ever added or removed.

import { createGuards, type GuardName } from './guards.js'
import { createHook, type RunStopped } from './hook.js'
import type { Restorer } from './hot-images.js'
import { createImports } from './imports.js'
import { InstructionBudget } from './instruction-budget.js'
import { SCRATCH_BYTES } from './layout.js'
import type { Lua, LuaRuntime, LuaState, Pointer } from './lua.js'
import { createNativeCode, type NativeCode, type NativeHost } from './native.js'
import { createSeed, type Seed } from './random-seeds.js'
import type { RestoreCode } from './restore-code.js'
import { SourceReader } from './source-reader.js'
import { type Trampoline, wrapHook, wrapHostFunction, wrapReader } from './trampolines.js'
import { PAGE_BYTES } from './wasm.js'

/**
 * A lua_CFunction: reads its arguments from the stack of `L`, pushes its results, returns their number. It raises by
 * lua_error; a JavaScript exception that leaves it condemns the VM.
 */
export type HostFunction = (L: LuaState) => number

/** What the room needs from outside to fill the scripts' world. */
export interface HostFunctions {
  readonly print: HostFunction
  readonly clock: HostFunction
  readonly cacheGet: HostFunction
  readonly cacheFind: NativeHost['cacheFind']
  readonly viewFinder?: NativeHost['viewFinder']
  readonly cachePut: HostFunction
  readonly cachePutTtl: HostFunction
  readonly cachePutShort: NativeHost['cachePutShort']
}

/** The C functions behind guards, and one for messages. */
export type NativeName = GuardName | 'traceback'

/** What the base image holds and where: equal in every VM that descends from it. */
export interface VmAddresses {
  readonly mainState: LuaState
  /** The coroutine of every run. */
  readonly runThread: LuaState
  readonly scratch: Pointer
  /** The four u64 of math.random's generator. */
  readonly randomState: Pointer
  /** Function-table indexes of C functions that JavaScript calls. */
  readonly natives: Readonly<Record<NativeName, number>>
}

/** Function-table indexes, the same in every VM. */
export type FunctionIndexes = Readonly<
  Record<
    | Exclude<keyof HostFunctions, 'cacheFind' | 'cachePutShort' | 'viewFinder'>
    | GuardName
    | 'read'
    | 'hook'
    | 'probe',
    number
  >
>

/** Growing is a system call: not for every page. */
const MIN_GROWTH_BYTES: number = 2 ** 20
const GROWTH_PART = 8

const NOT_ADOPTED: VmAddresses = {
  mainState: 0,
  runThread: 0,
  scratch: 0,
  randomState: 0,
  natives: { load: 0, collectgarbage: 0, date: 0, randomseed: 0, create: 0, wrap: 0, traceback: 0 },
}

/** An owner that is never the same as another. */
export const NOBODY = 0

export class Vm {
  readonly lua: Lua & LuaRuntime
  readonly memory: WebAssembly.Memory
  readonly native: NativeCode
  readonly functions: FunctionIndexes
  readonly source: SourceReader
  readonly scratchBytes: number = SCRATCH_BYTES

  // Over the whole memory. Remade when it grows: read these fields each time.
  bytes: Buffer
  view: DataView
  words: Uint32Array

  /** Copied out of `addresses`, because every call needs them. */
  mainState: LuaState = 0
  runThread: LuaState = 0
  scratch: Pointer = 0
  addresses: VmAddresses = NOT_ADOPTED

  /** Something other than an error of Lua left a run: nothing in the memory can be relied on, drop the VM. */
  condemned = false
  /** A source was parsed since all was restored: the shadow stack may be dirty in a way only the parser leaves it. */
  hasParsed = true
  /** Whose image this VM stands at, for messages. */
  scriptName = ''
  /** How far the heap has reached since all above it was zeroed. */
  usedEnd = 0
  /** For whom it was restored last, and how often in a row: see restoring.ts. */
  owner: number = NOBODY
  runsOfOwner = 0
  /** What math.random began with. */
  readonly seed: Seed = createSeed()
  /** Puts back the base image; linked at the first restore. */
  baseCode: RestoreCode | undefined = undefined
  /** For images that are restored often; what it was restored by last, if by one of them. */
  readonly restorers: Restorer[] = []
  restorer: Restorer | undefined = undefined
  /** What left the last run, if it was neither a result nor an error of Lua. */
  thrown: unknown = undefined
  /** Why the last run was stopped, if it was. */
  stopCode: RunStopped['code'] = 'MOONPOOL_TIMEOUT'
  /** Of the last run that failed. */
  traceback = ''
  budget = new InstructionBudget(undefined)
  /** Asked by the hook: whether the run is to end where it is. */
  mustStop: () => boolean = () => false
  /** What the self test does in the middle of a running script; scripts have no way to call it. */
  probe: () => void = () => {}
  /** What the C library takes for the time. */
  wallClockMs: () => number = Date.now

  /** Instantiates Lua and fills its function table; 0.2–0.35 ms. It has no state until one is made or restored. */
  constructor(module: WebAssembly.Module, hostFunctions: (vm: Vm) => HostFunctions) {
    const instance = new WebAssembly.Instance(module, { ...createImports(this) })
    this.lua = instance.exports as unknown as Lua & LuaRuntime
    this.memory = this.lua.memory
    this.bytes = Buffer.from(this.memory.buffer)
    this.view = new DataView(this.memory.buffer)
    this.words = new Uint32Array(this.memory.buffer)
    this.lua.emscripten_stack_init()
    this.lua.__wasm_call_ctors()
    this.source = new SourceReader(this)
    const host = hostFunctions(this)
    this.native = createNativeCode(this.memory, this.lua, host)
    this.functions = this.#fillTable(host)
  }

  /** Bytes of memory this VM holds; it only grows. */
  get sizeBytes(): number {
    return this.bytes.length
  }

  adopt(addresses: VmAddresses): void {
    this.addresses = addresses
    this.mainState = addresses.mainState
    this.runThread = addresses.runThread
    this.scratch = addresses.scratch
  }

  /** The C function at a function-table index. */
  cFunction(index: number): HostFunction {
    return this.lua.__indirect_function_table.get(index) as HostFunction
  }

  /** Makes the memory at least `sizeBytes`; false when the memory limit forbids it. */
  grow(sizeBytes: number): boolean {
    const missing = sizeBytes - this.sizeBytes
    if (missing <= 0) return true
    const generous = Math.max(missing, MIN_GROWTH_BYTES, Math.floor(this.sizeBytes / GROWTH_PART))
    return this.#growBy(generous) || this.#growBy(missing)
  }

  #growBy(bytes: number): boolean {
    try {
      this.memory.grow(Math.ceil(bytes / PAGE_BYTES))
    } catch {
      return false
    }
    this.bytes = Buffer.from(this.memory.buffer)
    this.view = new DataView(this.memory.buffer)
    this.words = new Uint32Array(this.memory.buffer)
    return true
  }

  #fillTable(host: HostFunctions): FunctionIndexes {
    const table = this.lua.__indirect_function_table
    const enter = (wasmFunction: unknown): number => {
      const index = table.grow(1)
      table.set(index, wasmFunction)
      return index
    }
    const add = (wrap: Trampoline, f: (...args: number[]) => number | undefined): number => enter(wrap(f))
    const addHost = (f: HostFunction): number => add(wrapHostFunction, f as (...args: number[]) => number)
    const guards = createGuards(this)
    // One order for ever: images hold these indexes.
    return {
      read: add(wrapReader, this.source.read as (...args: number[]) => number),
      hook: add(wrapHook, createHook(this)),
      load: addHost(guards.load),
      collectgarbage: addHost(guards.collectgarbage),
      date: addHost(guards.date),
      randomseed: addHost(guards.randomseed),
      print: addHost(host.print),
      clock: addHost(host.clock),
      cacheGet: enter(this.native.cacheGet),
      cachePut: enter(this.native.cachePut),
      cachePutTtl: enter(this.native.cachePutTtl),
      create: addHost(guards.create),
      wrap: addHost(guards.wrap),
      probe: addHost(() => {
        this.probe()
        return 0
      }),
    }
  }
}
