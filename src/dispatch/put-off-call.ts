// The call of a sleeping worker for short runs, put off until the runs are there that the host is about to bring: the other
// sockets that are ready in this phase of the event loop, or whoever waited for what main has just settled.
//
//   begin ──▶ pending ──another run comes, and that is enough──────────────────────────▶ made
//                │ └────somebody was called for another reason─────────────────────────▶ dropped
//                the phase is over, or the host has gone on after a turn of main
//                │ └────more are not to be expected────────────────────────────────────▶ made
//                ▼
//            gathering ──GATHERED_RUNS, or none for QUIET_US, or GATHER_US have passed─▶ made
//
// Why it gathers: where the cores are busy, clients send the next request when they have read an answer, and main reads each as
// it comes. Then every phase has a run or two, and a call for each: 25,000 a second have been counted, and whoever is woken
// takes a core from the clients. How many clients there are nobody says, so it learns: as many as are gathered must come,
// or else it gathers ever more rarely. Of few clients each would wait for one that is itself waiting.
//
// While a call is pending, an immediate is: it waits for the next check phase at the longest, or as long as it gathers. Where
// the host blocks main in between, nobody makes it; but a worker that waits for a run looks by itself after
// WORKER_LINGER_MS at the latest.

import { PollingPolicy } from '../shared/polling-policy.js'

/** So many runs are enough if they come as fast as a worker takes them: then it does not run dry again. */
const FAST_RUNS = 16
/** So much work is enough, however slowly it comes: a call costs main 5 to 40 µs, as much as a whole request. */
const WORTH_A_CALL_US = 180
/** After so long the next run is enough. */
const MAX_PUT_OFF_US = 1000
/** So many runs are gathered, */
const GATHERED_RUNS = 12
/** for so long after the first, */
const GATHER_US = 800
/** but not when none has come for so long. */
const QUIET_US = 100

export class PutOffCall {
  readonly #runUs: () => number
  readonly #call: () => void
  readonly #nowMs: () => number
  readonly #policy = new PollingPolicy()
  /** Runs that the call is for; 0 when none is pending. */
  #runs = 0
  #isGathering = false
  #beganMs = 0
  #lastMs = 0
  #isLooking = false

  /** `runUs`: what a run takes, about. `call`: makes the call, if it is still needed. */
  constructor(runUs: () => number, call: () => void, nowMs: () => number) {
    this.#runUs = runUs
    this.#call = call
    this.#nowMs = nowMs
  }

  /** Whether it waits for runs of later phases: nobody is to be called for those that are there. */
  get isGathering(): boolean {
    return this.#isGathering
  }

  /** For a run that was published into the empty queue. If a call is pending, a worker took what that was for. */
  begin(): void {
    this.drop()
    this.#runs = 1
    this.#beganMs = this.#nowMs()
    this.#lastMs = this.#beganMs
    if (this.#isEnough()) this.#make()
    else this.#lookLater()
  }

  /** Another run was published behind it. */
  countRun(): void {
    if (this.#runs === 0) return
    this.#runs++
    this.#lastMs = this.#nowMs()
    if (this.#isEnough()) this.#make()
  }

  /** The host has done what it does for now. */
  endPhase(): void {
    if (this.#runs === 0) return
    if (this.#mayGather()) this.#lookLater()
    else this.#make()
  }

  drop(): void {
    this.#runs = 0
    this.#isGathering = false
  }

  #lookLater(): void {
    if (this.#isLooking) return
    this.#isLooking = true
    setImmediate(this.#look)
  }

  readonly #look = (): void => {
    this.#isLooking = false
    this.endPhase()
  }

  #mayGather(): boolean {
    if (this.#runs >= GATHERED_RUNS) return false
    if (!this.#isGathering && !this.#policy.shouldPoll()) return false
    this.#isGathering = true
    const nowMs = this.#nowMs()
    return (nowMs - this.#lastMs) * 1000 < QUIET_US && (nowMs - this.#beganMs) * 1000 < GATHER_US
  }

  #make(): void {
    if (this.#isGathering) this.#learn()
    this.drop()
    this.#call()
  }

  #learn(): void {
    if (this.#runs >= GATHERED_RUNS) this.#policy.noteSuccess()
    else this.#policy.noteFailure()
  }

  #isEnough(): boolean {
    const workUs = this.#runs * Math.max(1, this.#runUs())
    if (workUs >= WORTH_A_CALL_US || (this.#isGathering && this.#runs >= GATHERED_RUNS)) return true
    const passedUs = (this.#lastMs - this.#beganMs) * 1000
    return passedUs >= MAX_PUT_OFF_US || (this.#runs >= FAST_RUNS && passedUs <= workUs)
  }
}
