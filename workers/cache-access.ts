// Where the cache module reads and writes: the overlay, then the view, and main for what neither can tell; the outbox.
//
// Order: the overlay is looked at first, and it looks at main's count before anything else. What is applied by then stands
// in the view already, because main publishes before it counts. The native finder goes to the view alone only for keys
// of which the overlay has nothing (own-writes.ts). A question to main goes out by the outbox behind all
// earlier writes of this worker and is answered after they were applied. So a script sees its own writes at once, and
// whatever any run had written whose result was delivered before this one started.

import type { HashedKey } from '../src/shared/key-hash.js'
import type { ReadCounter } from '../src/shared/read-counts.js'
import type { ByteWriter } from '../src/shared/values.js'
import * as viewAnswers from '../src/shared/view-reader.js'
import type { MainLink } from './main-link.js'
import * as overlayAnswers from './overlay.js'
import type { RunClock } from './run-clock.js'
import type { ViewFinder } from './view-finder.js'
import type { Vm } from './vm/vm.js'

// As locals: V8 reads an imported constant anew at each use.
const { ASK, FOUND, MISSING } = viewAnswers
const { GONE, UNKNOWN, WRITTEN } = overlayAnswers

/** A value that was found; valid until `done`. */
export interface FoundValue {
  /** Where it lies in the VM's own memory, `lengthBytes` long; 0: it lies in `bytes` from `at` on. */
  readonly address: number
  readonly lengthBytes: number
  readonly bytes: Uint8Array
  readonly at: number
}

const NO_BYTES: Uint8Array = new Uint8Array(0)

export interface CacheReader {
  /** The encoded value of `key`; undefined when it is missing or expired. What the VM's scratch area held is lost. */
  find(vm: Vm): FoundValue | undefined
  /** The value has been read. */
  done(): void
}

export interface CacheWriter {
  /** `record`: a payload of `put` for `key`. Does not wait for main. */
  put(record: ByteWriter): void
  /** `bytes` are those of `key`. */
  delete(bytes: Uint8Array): void
}

export interface CacheAccessParts {
  readonly link: MainLink
  readonly view: viewAnswers.ViewReader
  readonly overlay: overlayAnswers.Overlay
  readonly counter: ReadCounter
  readonly clock: RunClock
  readonly finder: ViewFinder | undefined
}

export class LocalReader implements CacheReader {
  readonly #parts: CacheAccessParts
  readonly #key: HashedKey
  readonly #found = { address: 0, lengthBytes: 0, bytes: NO_BYTES, at: 0 }
  #isAnswer = false

  constructor(parts: CacheAccessParts) {
    this.#parts = parts
    this.#key = parts.view.key
  }

  find(vm: Vm): FoundValue | undefined {
    const { overlay, view, counter, clock } = this.#parts
    const own = overlay.find(this.#key, clock.hasPassed)
    if (own === WRITTEN) {
      counter.hit()
      return this.#foundAt(this.#parts.link.outbox.data, overlay.valueAt)
    }
    view.copyTo(vm.words, vm.scratch >>> 2, vm.scratchBytes)
    const answer = own === UNKNOWN ? ASK : own === GONE ? MISSING : view.findKey(clock.hasPassed)
    if (answer === FOUND) {
      counter.hit()
      if (view.isInTarget) return this.#foundInVm(vm.scratch, view.valueBytes)
      return this.#foundAt(view.bytes, view.valueAt)
    }
    if (answer === ASK) return this.#ask()
    counter.miss()
    return undefined
  }

  /** Behind the run clock. */
  beginRun(): void {
    this.#parts.finder?.beginRun(this.#parts.clock.aliveFromMs)
  }

  done(): void {
    if (this.#isAnswer) this.#parts.link.done()
    this.#isAnswer = false
  }

  #foundInVm(address: number, lengthBytes: number): FoundValue {
    this.#found.address = address
    this.#found.lengthBytes = lengthBytes
    return this.#found
  }

  #foundAt(bytes: Uint8Array, at: number): FoundValue {
    this.#found.address = 0
    this.#found.bytes = bytes
    this.#found.at = at
    return this.#found
  }

  /** Main counts this read. */
  #ask(): FoundValue | undefined {
    const { words, bytes } = this.#key
    const answer = this.#parts.link.call('get', new Uint8Array(words.buffer, words.byteOffset, bytes), bytes)
    if (answer === undefined) return undefined
    this.#isAnswer = true
    return this.#foundAt(answer.bytes, answer.at)
  }
}

export class OutboxWriterOfCache implements CacheWriter {
  readonly #parts: CacheAccessParts

  constructor(parts: CacheAccessParts) {
    this.#parts = parts
  }

  put(record: ByteWriter): void {
    const { link, overlay, view } = this.#parts
    overlay.notePut(view.key, link.postPut(record))
  }

  delete(bytes: Uint8Array): void {
    const { link, overlay, view } = this.#parts
    overlay.noteDelete(view.key, link.post('delete', bytes, bytes.length))
  }
}
