// A worker thread with one VM and what an engine's worker has for deadlines: its run word, the watchdog's bell, its VM known
// to the watchdog thread. It does the same runs under a deadline and without one, in turn, and answers each order.

import { performance } from 'node:perf_hooks'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { type ClockOrigin, createClock } from '../../src/clock.js'
import { RunWord } from '../../src/shared/run-word.js'
import { WatchdogBell } from '../../src/shared/watchdog-bell.js'
import { countRounds, pairRounds } from '../paired.js'
import { createPristineVm } from './pristine-vm.js'

export interface DeadlineThreadData {
  readonly control: SharedArrayBuffer
  readonly clock: ClockOrigin
  readonly vms: MessagePort
  /** Its `main` takes no argument. */
  readonly source: string
}

export interface DeadlineOrder {
  readonly forMs: number
}

export interface DeadlineReport {
  /** What `main` gave last. */
  readonly result: number
  /** Runs under a deadline to runs without one, of each round. */
  readonly ratios: readonly number[]
}

const ROUND_MS = 25
/** Never reached. */
const TIMEOUT_MS = 60_000

const { control, clock: origin, vms, source } = workerData as DeadlineThreadData
const words = new Int32Array(control)
const runWord = new RunWord(words, 0)
const watchdog = new WatchdogBell(words)
const clock = createClock(origin)
const { vm, restore, runMain } = createPristineVm(source)
vm.mustStop = () => !runWord.mayAct()
vms.postMessage({ memory: vm.memory, runThread: vm.runThread, hook: vm.functions.hook })
watchdog.ring()

let result = 0
let runId = 0

function run(): void {
  restore()
  result = runMain()
}

/** As an engine's worker does it. */
function runUnderDeadline(): void {
  const deadlineMs = clock.monotonicMs() + TIMEOUT_MS
  if (!runWord.begin(++runId, deadlineMs)) throw new Error('the run could not begin')
  watchdog.expect(deadlineMs)
  run()
  if (!runWord.end()) throw new Error('the run was stopped')
}

const repeat =
  (once: () => void) =>
  (forMs: number): number => {
    const startMs = performance.now()
    let runs = 0
    let nowMs = startMs
    do {
      once()
      runs++
      nowMs = performance.now()
    } while (nowMs - startMs < forMs)
    return runs / (nowMs - startMs)
  }

const port = parentPort
if (port === null) throw new Error('deadline-thread: started as a worker only')
port.on('message', async ({ forMs }: DeadlineOrder) => {
  const rounds = countRounds(forMs, ROUND_MS)
  const ratios = await pairRounds(rounds, ROUND_MS, repeat(runUnderDeadline), repeat(run))
  port.postMessage({ result, ratios } satisfies DeadlineReport)
})
