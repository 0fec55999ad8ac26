// Answers each number in word 0 by the same number in word 1; now and then it looks for a while before it sleeps, so that
// the ring meets it at every step on its way to sleep.

import { parentPort, workerData } from 'node:worker_threads'
import { Bell, Doorbell } from '../../src/shared/bells.js'

export interface EchoData {
  readonly control: SharedArrayBuffer
  readonly numbers: SharedArrayBuffer
  readonly rounds: number
  /** A sleep this long with work published counts as a lost call. */
  readonly patienceMs: number
}

const { control, numbers, rounds, patienceMs } = workerData as EchoData
const words = new Int32Array(numbers)
const bell = new Bell(new Int32Array(control), 0)
const doorbell = new Doorbell(new Int32Array(control))
let lost = 0

function waitFor(number: number, looks: number): void {
  const isThere = (): boolean => Atomics.load(words, 0) === number
  for (let look = 0; look < looks; look++) if (isThere()) return
  for (;;) {
    const seen = bell.prepareToSleep()
    if (isThere()) {
      bell.stayAwake()
      return
    }
    const wasRung = bell.sleep(seen, patienceMs)
    if (!wasRung && isThere()) lost++
  }
}

for (let round = 1; round <= rounds; round++) {
  waitFor(round, (round * 7) % 600)
  Atomics.store(words, 1, round)
  doorbell.ring()
}
parentPort?.postMessage(lost)
