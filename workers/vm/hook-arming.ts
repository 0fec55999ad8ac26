// Arms the count hook of whatever runs in a VM, from outside: of the run thread and of every coroutine nested in it.
//
//   run thread ─ci─▶ resume(co) ─argument─▶ co ─ci─▶ wrap's function ─upvalue─▶ co' ─ci─▶ a Lua function that does not end
//      armed                              armed                                armed
//
// Arming a state: hookcount 1, then hookmask, then `trap` of the Lua functions it is in, which is what makes Lua look at the
// mask. A function that is called afterwards looks by itself.
//
// The VM goes on meanwhile: what is read here may be stale when it is used, and a script with a bug of Lua at hand may
// have written anything. So every address is checked: aligned and inside the heap; a state must be a thread with our
// hook. Every chain is bounded. What a stale address damages belongs to a run that is doomed, in memory all of which is
// restored before the next one, whoever that is for: see run-word.ts. What one walk misses, the next finds.

import {
  CALL,
  CALL_BYTES,
  CALL_IS_C,
  CLOSURE_UPVALUE,
  HEAP_BASE,
  HEAP_END_AT,
  STATE,
  STATE_BYTES,
  TAG_C_CLOSURE,
  TAG_THREAD,
  TVALUE_BYTES,
  TVALUE_TAG,
  TYPE_THREAD,
} from './layout.js'
import { LUA_MASKCOUNT, type LuaState, type Pointer } from './lua.js'

/** Lua nests at most 200 C calls, and each coroutine inside another is resumed by one. */
const MAX_STATES = 200
/** Calls of one state that are looked at, innermost first: those behind get `trap` handed on when these return. */
const MAX_CALLS = 250

/** Where things lie; a test can give wrong ones. */
export interface HookOffsets {
  readonly ci: number
  readonly hookcount: number
  readonly hookmask: number
  readonly trap: number
}

export const HOOK_OFFSETS: HookOffsets = {
  ci: STATE.ci,
  hookcount: STATE.hookcount,
  hookmask: STATE.hookmask,
  trap: CALL.trap,
}

/** A VM as any thread can see it. */
export interface ArmableVm {
  readonly memory: WebAssembly.Memory
  readonly runThread: LuaState
  /** Function-table index of the hook. */
  readonly hook: number
}

/** Arms everything that runs in the VM now; returns how many states that were. */
export function armHook(vm: ArmableVm, offsets: HookOffsets = HOOK_OFFSETS): number {
  // The memory may have grown since the last time.
  const heap = new RunningHeap(new Uint32Array(vm.memory.buffer), vm.hook, offsets)
  let armed = 0
  for (const state of heap.runningStates(vm.runThread)) {
    heap.arm(state)
    armed++
  }
  return armed
}

/** The state whose code runs in the VM now: the run thread or the innermost coroutine in it. */
export function innermostState(vm: ArmableVm): LuaState {
  const heap = new RunningHeap(new Uint32Array(vm.memory.buffer), vm.hook, HOOK_OFFSETS)
  let innermost = vm.runThread
  for (const state of heap.runningStates(vm.runThread)) innermost = state
  return innermost
}

class RunningHeap {
  readonly #words: Uint32Array
  readonly #hook: number
  readonly #at: HookOffsets
  readonly #end: Pointer

  constructor(words: Uint32Array, hook: number, offsets: HookOffsets) {
    this.#words = words
    this.#hook = hook
    this.#at = offsets
    this.#end = Math.min(words[HEAP_END_AT >>> 2] as number, words.byteLength)
  }

  /** From the outermost to the innermost. */
  *runningStates(runThread: LuaState): Generator<LuaState> {
    let state = runThread
    for (let count = 0; count < MAX_STATES && this.#isState(state); count++) {
      yield state
      state = this.#resumedBy(state)
    }
  }

  arm(state: LuaState): void {
    const words = this.#words
    words[(state + this.#at.hookcount) >>> 2] = 1
    words[(state + this.#at.hookmask) >>> 2] = LUA_MASKCOUNT
    let call = this.#read(state, this.#at.ci)
    for (let count = 0; count < MAX_CALLS && this.#isInHeap(call, CALL_BYTES); count++) {
      // A C function keeps something else there.
      if (!this.#isC(call)) words[(call + this.#at.trap) >>> 2] = 1
      call = this.#read(call, CALL.previous)
    }
  }

  /** The coroutine inside whose resumption `state` is; 0, or no state at all, when it runs code of its own. */
  #resumedBy(state: LuaState): LuaState {
    const call = this.#read(state, this.#at.ci)
    if (!this.#isInHeap(call, CALL_BYTES) || !this.#isC(call)) return 0
    const called = this.#read(call, CALL.function)
    if (!this.#isInHeap(called, 2 * TVALUE_BYTES)) return 0
    const closure = this.#objectAt(called, TAG_C_CLOSURE)
    const wrapped = closure === 0 ? 0 : this.#objectAt(closure + CLOSURE_UPVALUE, TAG_THREAD)
    return wrapped === 0 ? this.#objectAt(called + TVALUE_BYTES, TAG_THREAD) : wrapped
  }

  /** The object in a TValue if its tag is this; else 0. */
  #objectAt(value: Pointer, tag: number): Pointer {
    if (!this.#isInHeap(value, TVALUE_BYTES)) return 0
    return (this.#read(value, TVALUE_TAG) & 0xff) === tag ? this.#read(value, 0) : 0
  }

  #isC(call: Pointer): boolean {
    // The upper half of the word that the status lies in.
    return ((this.#read(call, CALL.status & ~3) >>> 16) & CALL_IS_C) !== 0
  }

  #isState(address: Pointer): boolean {
    return (
      this.#isInHeap(address, STATE_BYTES) &&
      (this.#read(address, STATE.type) & 0xff) === TYPE_THREAD &&
      this.#read(address, STATE.hook) === this.#hook
    )
  }

  #isInHeap(address: Pointer, sizeBytes: number): boolean {
    return address % 4 === 0 && address >= HEAP_BASE && address + sizeBytes <= this.#end
  }

  #read(address: Pointer, offset: number): number {
    return this.#words[(address + offset) >>> 2] as number
  }
}
