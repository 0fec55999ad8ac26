// Where the cache module reads and writes: the overlay, then the view, and main for what neither can tell; the outbox.
//
// Order: the overlay is looked at first, and it looks at main's count before anything else. What is applied by then stands
// in the view already, because main publishes before it counts. A question to main goes out by the outbox behind all
// earlier writes of this worker and is answered after they were applied. So a script sees its own writes at once, and
// whatever any run had written whose result was delivered before this one started.

import type { HashedKey } from '../src/shared/key-hash.js'
import type { ReadCounter } from '../src/shared/read-counts.js'
import type { ByteWriter } from '../src/shared/values.js'
import { ASK, FOUND, MISSING, type ViewReader } from '../src/shared/view-reader.js'
import type { MainLink } from './main-link.js'
import { GONE, type Overlay, UNKNOWN, WRITTEN } from './overlay.js'

/** A value that was found; valid until `done`. */
export interface FoundValue {
  readonly bytes: Uint8Array
  readonly at: number
}

export interface CacheReader {
  /** The encoded value of `key`; undefined when it is missing or expired. */
  find(): FoundValue | undefined
  /** The value has been read. */
  done(): void
}

export interface CacheWriter {
  /** `record`: a payload of `put` for `key`. Does not wait for main. */
  put(record: ByteWriter, expiresAtMs: number): void
  /** `bytes` are those of `key`. */
  delete(bytes: Uint8Array): void
}

export interface CacheAccessParts {
  readonly link: MainLink
  readonly view: ViewReader
  readonly overlay: Overlay
  readonly counter: ReadCounter
  readonly nowMs: () => number
}

export class LocalReader implements CacheReader {
  readonly #parts: CacheAccessParts
  readonly #key: HashedKey
  readonly #found: { bytes: Uint8Array; at: number } = { bytes: new Uint8Array(0), at: 0 }
  #isAnswer = false

  constructor(parts: CacheAccessParts) {
    this.#parts = parts
    this.#key = parts.view.key
  }

  find(): FoundValue | undefined {
    const { overlay, view, counter, nowMs } = this.#parts
    const own = overlay.isEmpty ? MISSING : overlay.find(this.#key, nowMs)
    if (own === WRITTEN) {
      counter.hit()
      return this.#foundAt(this.#parts.link.outbox.data, overlay.valueAt)
    }
    const answer = own === UNKNOWN ? ASK : own === GONE ? MISSING : view.findKey(nowMs)
    if (answer === FOUND) {
      counter.hit()
      return this.#foundAt(view.bytes, view.valueAt)
    }
    if (answer === ASK) return this.#ask()
    counter.miss()
    return undefined
  }

  done(): void {
    if (this.#isAnswer) this.#parts.link.done()
    this.#isAnswer = false
  }

  #foundAt(bytes: Uint8Array, at: number): FoundValue {
    this.#found.bytes = bytes
    this.#found.at = at
    return this.#found
  }

  /** Main counts this read. */
  #ask(): FoundValue | undefined {
    const { words, bytes } = this.#key
    const answer = this.#parts.link.call('get', new Uint8Array(words.buffer, words.byteOffset, bytes), bytes)
    this.#isAnswer = answer !== undefined
    return answer
  }
}

export class OutboxWriterOfCache implements CacheWriter {
  readonly #parts: CacheAccessParts

  constructor(parts: CacheAccessParts) {
    this.#parts = parts
  }

  put(record: ByteWriter, expiresAtMs: number): void {
    const { link, overlay, view } = this.#parts
    overlay.notePut(view.key, link.post('put', record.bytes, record.length), expiresAtMs)
  }

  delete(bytes: Uint8Array): void {
    const { link, overlay, view } = this.#parts
    overlay.noteDelete(view.key, link.post('delete', bytes, bytes.length))
  }
}
