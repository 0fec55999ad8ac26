// One run, from its claim to its outcome.
//
//   claim ─▶ begin (run word) ─▶ restore the image ─▶ arguments on the stack, place freed ─▶ resume
//         ─▶ outcome encoded ─▶ end (run word) ─▶ outcome's last record
//                               └─ too late ─▶ "stopped" encoded ─▶ yield (run word) ─▶ its only record
//
// Until the place in the run queue is freed no code of the script has run: if this thread dies before, the run is queued
// again; if it dies later, the run is lost and main says so. After `end` nothing can stop the run any more.
// A run that is past its deadline when it is about to end is a stopped one: run-clock.ts relies on that.
// A run that is to stop leaves its script by RunStopped: thrown by the hook, or by whoever would send something to main.

import type { Clock } from '../src/clock.js'
import { sleepUntilTerminated } from '../src/shared/bells.js'
import type { BootRequest } from '../src/shared/boot.js'
import { OPERATIONS } from '../src/shared/operations.js'
import {
  beginOutcome,
  OUTCOME_ERROR,
  OUTCOME_IMAGE,
  OUTCOME_VALUES,
  setDuration,
} from '../src/shared/outcome.js'
import { readIncarnation } from '../src/shared/prefix-cells.js'
import type { ReadCounter } from '../src/shared/read-counts.js'
import type { RunKind, RunQueueReader } from '../src/shared/run-queue.js'
import { ByteWriter, type Cursor } from '../src/shared/values.js'
import type { LocalReader } from './cache-access.js'
import type { CacheModule } from './cache-module.js'
import { Fault, writeFault } from './fault.js'
import type { ImageCatalog } from './image-catalog.js'
import { loadImage } from './load.js'
import type { MainLink } from './main-link.js'
import type { Printer } from './print.js'
import type { RunClock } from './run-clock.js'
import { describeError, resumeRun } from './vm/execution.js'
import { pushGlobalFunction } from './vm/global-functions.js'
import { RunStopped } from './vm/hook.js'
import type { Image } from './vm/image.js'
import { LUA_OK, LUA_TFUNCTION } from './vm/lua.js'
import { restoreImage } from './vm/restoring.js'
import { encodeStack, tryPushValues } from './vm/stack-values.js'
import { NOBODY, type Vm } from './vm/vm.js'
import type { VmKeeper } from './vm-keeper.js'

export interface RunnerParts {
  readonly link: MainLink
  readonly prefixCells: Uint32Array
  readonly vms: VmKeeper
  readonly images: ImageCatalog
  /** The image that loads start from. */
  readonly base: Image
  readonly printer: Printer
  readonly cache: CacheModule
  readonly clock: Clock
  readonly runClock: RunClock
  readonly reader: LocalReader
  readonly counter: ReadCounter
  readonly limits: Pick<BootRequest, 'maxResultBytes'>
}

const NO_BYTES = new Uint8Array(0)
const OUTCOME_CODE = OPERATIONS.outcome.code
/** Free on the stack of a run that has not begun. */
const FREE_SLOTS = 16
/** Delivered in less than a microsecond. */
const SHORT_OUTCOME_BYTES = 1024

export class Runner {
  readonly #parts: RunnerParts
  readonly #outcome = new ByteWriter(4096)
  readonly #cursor: Cursor = { offset: 0 }
  readonly #endRun: () => boolean
  readonly #yieldRun: () => boolean
  /** Whether the outcome says that the run was stopped. */
  #saysStopped = false

  constructor(parts: RunnerParts) {
    this.#parts = parts
    this.#endRun = () => parts.link.runWord.end()
    this.#yieldRun = () => parts.link.runWord.yield()
  }

  /**
   * Runs what `queue` has claimed. `freeSinceMs`: what the run before gave back, if this one was claimed right after it and
   * without a wait; else NaN. So one look at the clock ends a run and begins the next, some hundred nanoseconds before its
   * claim. Returns when the run ended, or NaN if more came after that than the delivery of a short outcome to a main thread
   * that is awake. Does not return when the run was killed.
   */
  execute(queue: RunQueueReader, freeSinceMs: number): number {
    const { link, vms, printer, cache, clock, runClock, reader } = this.#parts
    const startMs = Number.isNaN(freeSinceMs) ? clock.monotonicMs() : freeSinceMs
    const vm = vms.current
    const { runId, kind } = queue
    const deadlineMs = startMs + queue.timeoutMs
    if (!link.runWord.begin(runId, deadlineMs)) sleepUntilTerminated()
    link.watchdog.expect(deadlineMs)
    runClock.beginRun(deadlineMs)
    reader.beginRun()
    link.runId = runId
    printer.beginRun()
    cache.run.incarnation = readIncarnation(this.#parts.prefixCells, queue.prefixCell)
    cache.run.prefixBytes = queue.prefixBytes
    cache.run.isLoading = kind === 'loadScript'
    cache.run.wasUsedWhileLoading = false
    const longestKeyBytes = cache.run.isLoading ? -1 : cache.maxKeyBytes
    vm.native.beginRun(cache.run.incarnation, longestKeyBytes, vm.scratch)
    vm.budget.beginRun()
    this.#saysStopped = false
    this.#produceOutcome(vm, queue, kind)
    this.#countReads(vm)
    // Not freed yet when the arguments could not be pushed; a place that is never freed would stop main for ever.
    queue.release()
    const endMs = clock.monotonicMs()
    if (endMs >= deadlineMs) this.#sayStopped(vm)
    let isSoon = this.#outcome.length <= SHORT_OUTCOME_BYTES
    if (!this.#deliver(endMs - startMs, this.#endRun)) {
      isSoon = false
      // Until `yield` the watchdog may write to the VM by stale addresses: also to what no run changes.
      vm.owner = NOBODY
      this.#sayStopped(vm)
      if (!this.#deliver(clock.monotonicMs() - startMs, this.#yieldRun)) sleepUntilTerminated()
    }
    if (vms.isSpent) {
      // That takes longer than a run.
      link.doorbell.ring()
      vms.drop()
      return Number.NaN
    }
    return isSoon ? endMs : Number.NaN
  }

  /** Sends the outcome if `end` agrees. */
  #deliver(durationMs: number, end: () => boolean): boolean {
    const { link } = this.#parts
    setDuration(this.#outcome, durationMs * 1000)
    try {
      return link.outbox.appendOutcome(OUTCOME_CODE, link.runId, this.#outcome, end)
    } catch (error) {
      if (error instanceof RunStopped) return false
      throw error
    }
  }

  /** Before the outcome goes: who has it, finds the run's reads counted. */
  #countReads({ native }: Vm): void {
    this.#parts.counter.note(native.takeHits(), native.takeMisses())
  }

  /** Instead of whatever it says, unless it says so, with the place. */
  #sayStopped(vm: Vm): void {
    if (!this.#saysStopped) this.#writeFault(vm, Fault.ofStop())
    this.#saysStopped = true
  }

  #writeFault(vm: Vm, fault: Fault): void {
    beginOutcome(this.#outcome, OUTCOME_ERROR, fault.code)
    writeFault(vm, fault, this.#outcome)
  }

  /** Writes the outcome of the claimed run; frees its place on the way. */
  #produceOutcome(vm: Vm, queue: RunQueueReader, kind: RunKind): void {
    const { images, link, base, cache } = this.#parts
    try {
      if (kind === 'loadScript' || kind === 'loadChunk') {
        queue.release()
        loadImage({ vm, link, arena: images.arena, base, cacheRun: cache.run, isChunk: kind === 'loadChunk' })
        beginOutcome(this.#outcome, OUTCOME_IMAGE, undefined)
      } else {
        this.#run(vm, images.open(queue.imageId, queue.imageOffset), queue, kind)
        this.#encodeResults(vm, kind)
      }
    } catch (error) {
      const fault = faultOf(vm, error)
      this.#saysStopped = fault.isStop
      this.#writeFault(vm, fault)
    }
  }

  #run(vm: Vm, image: Image, queue: RunQueueReader, kind: RunKind): void {
    restoreImage(vm, image, this.#ownerOf(queue))
    if (!this.#hasFunction(vm, image, queue, kind)) {
      const name = kind === 'call' ? this.#functionName(queue) : 'main'
      throw new Fault('MOONPOOL_NO_FUNCTION', `the script has no global function '${name}'`)
    }
    const count = this.#pushArguments(vm, queue, kind)
    const { status } = resumeRun(vm, count)
    if (status !== LUA_OK) throw Fault.ofLua(describeError(vm, status))
  }

  /** A prefix, by its incarnation, or a script that runs without one. */
  #ownerOf(queue: RunQueueReader): number {
    return queue.prefixBytes > 0 ? this.#parts.cache.run.incarnation : -1 - queue.imageId
  }

  /** Whether what is to be called stands on the stack: an image has `main` there. */
  #hasFunction(vm: Vm, image: Image, queue: RunQueueReader, kind: RunKind): boolean {
    const { bytes, functionNameAt, functionNameBytes } = queue
    if (kind === 'call') return pushGlobalFunction(vm, image, bytes, functionNameAt, functionNameBytes)
    return vm.lua.lua_type(vm.runThread, 1) === LUA_TFUNCTION
  }

  #functionName(queue: RunQueueReader): string {
    const { functionNameAt, functionNameBytes } = queue
    return queue.bytes.toString('utf8', functionNameAt, functionNameAt + functionNameBytes)
  }

  /** Returns how many there are; `main` gets exactly one. */
  #pushArguments(vm: Vm, queue: RunQueueReader, kind: RunKind): number {
    const { link } = this.#parts
    const count = queue.argumentCount
    if (count >= FREE_SLOTS && vm.lua.lua_checkstack(vm.runThread, count + 1) === 0) {
      queue.release()
      throw new Fault(
        'MOONPOOL_INVALID_VALUE',
        `${count} arguments are more than Lua's stack holds: pass a table`,
      )
    }
    if (queue.argumentsAreStreamed) {
      queue.release()
      const answer = link.call('arguments', NO_BYTES, 0)
      try {
        if (answer !== undefined) this.#pushAll(vm, count, answer.bytes, answer.at)
      } finally {
        link.done()
      }
    } else {
      this.#pushAll(vm, count, queue.bytes, queue.argumentsAt)
      queue.release()
    }
    if (kind !== 'main' || count > 0) return count
    vm.lua.lua_pushnil(vm.runThread)
    return 1
  }

  #pushAll(vm: Vm, count: number, bytes: Uint8Array, at: number): void {
    this.#cursor.offset = at
    if (!tryPushValues(vm, vm.runThread, bytes, this.#cursor, count)) throw Fault.ofArguments(vm)
  }

  #encodeResults(vm: Vm, kind: RunKind): void {
    const { maxResultBytes } = this.#parts.limits
    const out = this.#outcome
    const returned = vm.lua.lua_gettop(vm.runThread)
    const count = kind === 'call' ? returned : Math.min(returned, 1)
    beginOutcome(out, OUTCOME_VALUES, undefined)
    out.u32(count)
    const startBytes = out.length
    for (let i = 1; i <= count; i++) {
      const reason = encodeStack(vm, vm.runThread, i, out, maxResultBytes - (out.length - startBytes))
      if (reason !== undefined) throw Fault.ofResult(reason, kind === 'call' ? i : 0, maxResultBytes)
    }
  }
}

function faultOf(vm: Vm, error: unknown): Fault {
  if (error instanceof Fault) return error
  return error instanceof RunStopped ? Fault.ofStop() : Fault.ofException(vm, error)
}
