// Where the cache module reads and writes. Today every read asks the main thread; the module does not know.
//
// Order: a read goes out by the outbox behind all earlier writes of this worker, and main answers it after applying
// them: a script sees its own writes, and whatever any run had written whose result was delivered before.

import { ByteWriter } from '../src/shared/values.js'
import type { MainLink } from './main-link.js'

/** A value that was found; valid until `done`. */
export interface FoundValue {
  readonly bytes: Uint8Array
  readonly at: number
}

export interface CacheReader {
  /** The encoded value of a key of the run's prefix; undefined when it is missing or expired. */
  find(key: Uint8Array): FoundValue | undefined
  /** The value has been read. */
  done(): void
}

export interface CacheWriter {
  /** `value` holds the key and the encoded value as `beginPut` and the encoder laid them out. Does not wait for main. */
  put(record: ByteWriter): void
  delete(key: Uint8Array): void
}

/** Writes what comes before the encoded value in a record of `put`. */
export function beginPut(record: ByteWriter, expiresAtMs: number, key: Uint8Array): void {
  record.length = 0
  record.f64(expiresAtMs)
  record.u32(key.length)
  record.raw(key)
}

export class MainThreadReader implements CacheReader {
  readonly #link: MainLink
  readonly #key = new ByteWriter(1024)

  constructor(link: MainLink) {
    this.#link = link
  }

  find(key: Uint8Array): FoundValue | undefined {
    this.#key.length = 0
    this.#key.raw(key)
    return this.#link.call('get', this.#key.bytes, this.#key.length)
  }

  done(): void {
    this.#link.done()
  }
}

export class OutboxCacheWriter implements CacheWriter {
  readonly #link: MainLink

  constructor(link: MainLink) {
    this.#link = link
  }

  put(record: ByteWriter): void {
    this.#link.post('put', record.bytes, record.length)
  }

  delete(key: Uint8Array): void {
    this.#link.post('delete', key, key.length)
  }
}
