// Runs waiting to be claimed: main writes, any worker claims. The memory is drawn in run-queue-places.ts; a place's state:
//
//   FREE(lap) ──main fills, then stores──▶ READY(lap) ──worker, CAS──▶ CLAIMED(lap, w) ──worker──▶ FREE(lap + 1)
//
// Why no run is lost or run twice. Main fills a place only when it is FREE with the lap it is going to use, and nobody
// else writes to it then. READY is stored last, so a worker that sees it sees the place's words. Exactly one
// worker's exchange from READY succeeds; the lap in the word keeps a worker that slept since an earlier lap from
// claiming by mistake. Main withdraws a run by the same exchange, from READY to FREE(lap + 1). `head` is only a hint where
// to look: whoever finds the place at `head` claimed helps it forward, so a worker that dies between its claim and the step
// of `head` stops nobody.
// A worker that found nobody else's claim between two of its own tries the next place before it looks at `head`, as far as it
// knows places to be published: its exchange succeeds only if nobody has claimed that run. When it fails, it says nothing.
// The claim word names the worker. It frees the place after it has read the arguments and before any of the script's code
// runs; so when a worker dies, places still claimed by it hold runs that have not started, and main takes them back.

import { INLINE_ARGUMENT_BYTES, RUN_QUEUE_SLOTS } from '../limits.js'
import { copyHeld, type EncodedArguments, type HeldBytes } from './held-bytes.js'
import type { RunKind } from './run-queue-places.js'
import * as places from './run-queue-places.js'

export { createRunQueueMemory, RUN_KINDS, type RunKind } from './run-queue-places.js'

// As locals: V8 reads an imported constant anew at each use.
const {
  CLAIMED,
  codeOf,
  FREE,
  HEAD,
  nextLapFree,
  placeOf,
  READY,
  RUN_KINDS,
  stateOf,
  stateWord,
  TAIL,
  textOf,
  wholeWords,
} = places

/** What main puts into a place, as it has it. */
export interface QueuedRun {
  readonly id: number
  readonly kind: number
  readonly image: { readonly id: number; readonly offset: number }
  readonly prefix: { readonly cell: number; readonly bytes: number }
  readonly timeoutMs: number
  readonly functionName: HeldBytes
  /** More than INLINE_ARGUMENT_BYTES are left to the replies ring. */
  readonly args: EncodedArguments
}

/** Main's side. */
export class RunQueueWriter {
  readonly #words: Int32Array
  readonly #bytes: Uint8Array
  /** Sequence numbers wrap with the lap, so that a lap never meets its own number of 2^24 laps ago half-way. */
  #tail: number
  /** Sequence numbers of withdrawn runs that no worker has passed yet. */
  #withdrawn: number[] = []

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory)
    this.#bytes = new Uint8Array(memory)
    this.#tail = Atomics.load(this.#words, TAIL)
  }

  /** Runs published and not yet claimed, at most; a worker may be claiming one right now. */
  get waiting(): number {
    const head = Atomics.load(this.#words, HEAD)
    const ahead = (this.#tail - head) | 0
    return this.#withdrawn.length === 0 ? ahead : ahead - this.#countWithdrawn(head)
  }

  /** Changes whenever a run is claimed. */
  get claimed(): number {
    return Atomics.load(this.#words, HEAD)
  }

  /** Publishes a run; false when its place is still in use. */
  push(run: QueuedRun): boolean {
    const words = this.#words
    const state = stateOf(this.#tail)
    if (Atomics.load(words, state) !== stateWord(this.#tail >>> 0, FREE)) return false
    const place = placeOf(this.#tail)
    const { functionName, args } = run
    const nameBytes = functionName.lengthBytes
    const inlineBytes = args.lengthBytes <= INLINE_ARGUMENT_BYTES ? args.lengthBytes : 0
    const at = textOf(this.#tail, nameBytes, inlineBytes)
    words[place] = run.id
    words[place + 1] = run.kind
    words[place + 2] = run.image.id
    words[place + 3] = run.image.offset
    words[place + 4] = run.prefix.cell
    words[place + 5] = run.prefix.bytes
    words[place + 6] = run.timeoutMs
    words[place + 7] = args.count
    words[place + 8] = args.lengthBytes
    words[place + 9] = at
    words[place + 10] = nameBytes
    copyHeld(this.#bytes, words, at, functionName)
    if (inlineBytes > 0) copyHeld(this.#bytes, words, at + wholeWords(nameBytes), args)
    Atomics.store(words, state, stateWord(this.#tail >>> 0, READY))
    this.#tail = (this.#tail + 1) | 0
    Atomics.store(words, TAIL, this.#tail)
    return true
  }

  /** Takes back a run that no worker has claimed; false when it is too late. Workers pass over its place. */
  withdraw(runId: number): boolean {
    for (
      let sequence = Atomics.load(this.#words, HEAD);
      sequence !== this.#tail;
      sequence = (sequence + 1) | 0
    ) {
      if ((this.#words[placeOf(sequence)] as number) >>> 0 !== runId) continue
      const state = stateOf(sequence)
      const ready = stateWord(sequence >>> 0, READY)
      // Another lap's, perhaps: while workers have not passed withdrawn places, a place stands for two sequence numbers.
      if (Atomics.compareExchange(this.#words, state, ready, nextLapFree(ready)) !== ready) continue
      this.#withdrawn.push(sequence)
      return true
    }
    return false
  }

  #countWithdrawn(head: number): number {
    this.#withdrawn = this.#withdrawn.filter((sequence) => ((sequence - head) | 0) >= 0)
    return this.#withdrawn.length
  }

  /** After a worker is gone: ids of the runs it had claimed and not started. Their places are free again. */
  takeBack(worker: number): number[] {
    const runIds: number[] = []
    for (let i = 0; i < RUN_QUEUE_SLOTS; i++) {
      const state = stateOf(i)
      const claimed = Atomics.load(this.#words, state)
      if (codeOf(claimed) !== CLAIMED + worker) continue
      runIds.push((this.#words[placeOf(i)] as number) >>> 0)
      Atomics.store(this.#words, state, nextLapFree(claimed))
    }
    return runIds
  }

  /** Ids of the runs that no worker has claimed, the oldest first, each of them claimed by this call. */
  takeUnclaimed(): number[] {
    const runIds: number[] = []
    const words = this.#words
    // By sequence, not by place: what was taken back before leaves room ahead of older runs.
    for (let sequence = Atomics.load(words, HEAD); sequence !== this.#tail; sequence = (sequence + 1) | 0) {
      const ready = stateWord(sequence >>> 0, READY)
      if (Atomics.compareExchange(words, stateOf(sequence), ready, nextLapFree(ready)) !== ready) continue
      this.#withdrawn.push(sequence)
      runIds.push((words[placeOf(sequence)] as number) >>> 0)
    }
    return runIds
  }
}

/** A worker's side. Fields describe the run that `claim` found, until `release`. */
export class RunQueueReader {
  readonly bytes: Buffer
  readonly #words: Int32Array
  readonly #claimCode: number
  #place = 0
  #state = 0
  #claimedState = 0
  #isHeld = false
  /** Behind the last claim of this worker. */
  #next: number
  /** Whether nobody else had claimed a run between its last two. */
  #isAlone = false
  /** `tail` as it was seen last: what was published then is published. Never before `#next`. */
  #tailSeen: number

  constructor(memory: SharedArrayBuffer, worker: number) {
    this.#words = new Int32Array(memory)
    this.bytes = Buffer.from(memory)
    this.#claimCode = CLAIMED + worker
    this.#next = Atomics.load(this.#words, HEAD)
    this.#tailSeen = this.#next
  }

  /** Whether a run waits; a hint. */
  hasWaiting(): boolean {
    return Atomics.load(this.#words, HEAD) !== Atomics.load(this.#words, TAIL)
  }

  /** Claims the next run; false when there is none. */
  claim(): boolean {
    const words = this.#words
    if (this.#isAlone && this.#next !== this.#tailSeen && this.#claimAt(this.#next)) return true
    for (;;) {
      const head = Atomics.load(words, HEAD)
      this.#tailSeen = Atomics.load(words, TAIL)
      if (head === this.#tailSeen) return false
      this.#isAlone = head === this.#next
      if (this.#claimAt(head)) return true
      Atomics.compareExchange(words, HEAD, head, (head + 1) | 0)
    }
  }

  /** Claims the run of this sequence number, and helps `head` past it; false when it is not ready. */
  #claimAt(sequence: number): boolean {
    const state = stateOf(sequence)
    const ready = stateWord(sequence, READY)
    const claimed = stateWord(sequence, this.#claimCode)
    if (Atomics.compareExchange(this.#words, state, ready, claimed) !== ready) return false
    this.#next = (sequence + 1) | 0
    Atomics.compareExchange(this.#words, HEAD, sequence, this.#next)
    this.#state = state
    this.#place = placeOf(sequence)
    this.#claimedState = claimed
    this.#isHeld = true
    return true
  }

  /** Frees the place: its words and bytes may change from now on. Does nothing when that has been done. */
  release(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    Atomics.store(this.#words, this.#state, nextLapFree(this.#claimedState))
  }

  get runId(): number {
    return (this.#words[this.#place] as number) >>> 0
  }
  get kind(): RunKind {
    return RUN_KINDS[this.#words[this.#place + 1] as number] as RunKind
  }
  get imageId(): number {
    return (this.#words[this.#place + 2] as number) >>> 0
  }
  get imageOffset(): number {
    return (this.#words[this.#place + 3] as number) >>> 0
  }
  get prefixCell(): number {
    return this.#words[this.#place + 4] as number
  }
  get prefixBytes(): number {
    return this.#words[this.#place + 5] as number
  }
  get timeoutMs(): number {
    return this.#words[this.#place + 6] as number
  }
  get argumentCount(): number {
    return this.#words[this.#place + 7] as number
  }
  get argumentBytes(): number {
    return this.#words[this.#place + 8] as number
  }
  get argumentsAreStreamed(): boolean {
    return this.argumentBytes > INLINE_ARGUMENT_BYTES
  }
  /** Offset in `bytes`. */
  get functionNameAt(): number {
    return this.#words[this.#place + 9] as number
  }
  get functionNameBytes(): number {
    return this.#words[this.#place + 10] as number
  }
  /** Offset in `bytes`. */
  get argumentsAt(): number {
    return this.functionNameAt + wholeWords(this.functionNameBytes)
  }
}
