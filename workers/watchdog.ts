// The watchdog thread: ends runs past their deadline without the main thread's help.
//
// It shares the memory of every worker's VM, which arrives by a port of that worker's own. When a run is overdue, or main
// doomed it, it claims the VM through the run word, arms the hook, and rings the worker in case it sleeps; again and again
// until the run is gone. What it writes to and why that is safe: hook-arming.ts and run-word.ts.
//
// It never returns to its event loop: it sleeps on its bell until the nearest deadline (watchdog-bell.ts). Ports are read
// when the bell rang and before each arming, so a VM is known before its first run can be armed.

import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { createClock } from '../src/clock.js'
import { WATCHDOG_REARM_MS } from '../src/limits.js'
import { Bell } from '../src/shared/bells.js'
import { RunWord } from '../src/shared/run-word.js'
import { LONGEST_SLEEP_MS, WatchdogBell } from '../src/shared/watchdog-bell.js'
import type { WatchdogData, WatchedWorker } from '../src/shared/watched-workers.js'
import { type ArmableVm, armHook } from './vm/hook-arming.js'
import { collectDroppedMemory, prepareToCollect } from './vm/recycle.js'
import type { VmNews } from './vm-keeper.js'

class Watched {
  readonly runWord: RunWord
  readonly #bell: Bell
  #vms: MessagePort | undefined
  #vm: ArmableVm | undefined

  constructor(words: Int32Array, worker: number) {
    this.runWord = new RunWord(words, worker)
    this.#bell = new Bell(words, worker)
  }

  /** Another thread is this worker now, or none is. Returns whether a VM was let go. */
  attach(vms: MessagePort | undefined): boolean {
    const hadVm = this.#vm !== undefined
    this.#vms?.close()
    this.#vms = vms
    this.#vm = undefined
    return hadVm
  }

  /** Returns whether a VM was let go. */
  readNews(): boolean {
    let hasDropped = false
    for (;;) {
      const received = this.#vms === undefined ? undefined : receiveMessageOnPort(this.#vms)
      if (received === undefined) return hasDropped
      const news = received.message as VmNews
      hasDropped ||= news === 'dropped'
      this.#vm = news === 'dropped' ? undefined : news
    }
  }

  /** Ends the worker's run if it is still due. */
  stop(nowMs: number): void {
    if (!this.runWord.arm(nowMs)) return
    try {
      if (this.#vm !== undefined) armHook(this.#vm)
    } finally {
      this.runWord.release()
    }
    this.#bell.ring()
  }
}

function watch({ control, clock: origin, threads }: WatchdogData, orders: MessagePort): void {
  prepareToCollect()
  const words = new Int32Array(control)
  const bell = new WatchdogBell(words)
  const clock = createClock(origin)
  const workers = Array.from({ length: threads }, (_, worker) => new Watched(words, worker))

  const readNews = (): void => {
    let hasDropped = false
    for (
      let order = receiveMessageOnPort(orders);
      order !== undefined;
      order = receiveMessageOnPort(orders)
    ) {
      const { worker, vms } = order.message as WatchedWorker
      if (workers[worker]?.attach(vms)) hasDropped = true
    }
    for (const watched of workers) if (watched.readNews()) hasDropped = true
    if (hasDropped) collectDroppedMemory()
  }

  let heard: number | undefined
  while (!bell.isOff()) {
    const seen = bell.read()
    if (seen !== heard) readNews()
    heard = seen
    const nowMs = clock.monotonicMs()
    const due = workers.filter(({ runWord }) => runWord.untilDueMs(nowMs) <= 0)
    if (due.length > 0) readNews()
    for (const watched of due) watched.stop(nowMs)
    const pauseMs = bell.announce(nowMs, untilNextMs(workers, nowMs))
    if (untilNextMs(workers, nowMs) >= pauseMs) bell.sleep(seen, pauseMs - (nowMs % 1))
  }
}

/** Whole milliseconds; what was armed is armed again soon. */
function untilNextMs(workers: readonly Watched[], nowMs: number): number {
  let nextMs = LONGEST_SLEEP_MS
  for (const { runWord } of workers) {
    const dueMs = runWord.untilDueMs(nowMs)
    nextMs = Math.min(nextMs, dueMs <= 0 ? WATCHDOG_REARM_MS : dueMs)
  }
  return nextMs
}

if (parentPort !== null) watch(workerData as WatchdogData, parentPort)
