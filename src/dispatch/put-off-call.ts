// The call of a sleeping worker for short runs, put off until the runs are there that the host is about to bring: the other
// sockets that are ready in this phase of the event loop, or whoever waited for what main has just settled.
//
//   begin ──▶ pending ──the phase is over, or the host has gone on after a turn of main──▶ made
//                │ └────another run comes, and that is enough──────────────────────────▶ made
//                └──────somebody was called for another reason─────────────────────────▶ dropped
//
// While a call is pending, an immediate is: it waits for the next check phase at the longest. Where the host blocks main in
// between, nobody makes it; but a worker that waits for a run looks by itself after WORKER_LINGER_MS at the latest.

/** So many runs are enough if they come as fast as a worker takes them: then it does not run dry again. */
const FAST_RUNS = 16
/** So much work is enough, however slowly it comes: a call costs main 5 to 40 µs, as much as a whole request. */
const WORTH_A_CALL_US = 180
/** After so long the next run is enough. */
const MAX_PUT_OFF_US = 1000

export class PutOffCall {
  readonly #runUs: () => number
  readonly #call: () => void
  readonly #nowMs: () => number
  /** Runs that the call is for; 0 when none is pending. */
  #runs = 0
  #beganMs = 0

  /** `runUs`: what a run takes, about. `call`: makes the call, if it is still needed. */
  constructor(runUs: () => number, call: () => void, nowMs: () => number) {
    this.#runUs = runUs
    this.#call = call
    this.#nowMs = nowMs
  }

  /** For a run that was published into the empty queue. If a call is pending, a worker took what that was for. */
  begin(): void {
    const wasPending = this.#runs > 0
    this.#runs = 1
    this.#beganMs = this.#nowMs()
    if (this.#isEnough()) this.make()
    else if (!wasPending) setImmediate(this.make)
  }

  /** Another run was published behind it. */
  countRun(): void {
    if (this.#runs === 0) return
    this.#runs++
    if (this.#isEnough()) this.make()
  }

  readonly make = (): void => {
    if (this.#runs === 0) return
    this.#runs = 0
    this.#call()
  }

  drop(): void {
    this.#runs = 0
  }

  #isEnough(): boolean {
    const workUs = this.#runs * Math.max(1, this.#runUs())
    if (workUs >= WORTH_A_CALL_US) return true
    const passedUs = (this.#nowMs() - this.#beganMs) * 1000
    return passedUs >= MAX_PUT_OFF_US || (this.#runs >= FAST_RUNS && passedUs <= workUs)
  }
}
