// The cache: one authority for the process, on the main thread, synchronous.
//
// An entry is an integer id. Key and bytes (the view, which other threads read), deadlines, recency and records are kept
// by id, each by its own part; this file is the only one that knows all of them, and the only one that adds or removes
// an entry.
//
// Order inside a put: what can never fit is refused first, with nothing changed; then room is made, expired entries
// before live ones; then the entry is written. So the limits hold after every call and the newest put is readable.

import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.js'
import { ENTRY_OVERHEAD_BYTES, MAX_TTL_MS } from '../limits.js'
import { ByteRange } from '../shared/byte-range.js'
import { type HashedKey, type HashSecret, hashSecret } from '../shared/key-hash.js'
import { createViewMemory, openView, type ViewMemory } from '../shared/view-layout.js'
import { arenaBufferBytes } from './arena.js'
import { EntryRecords } from './entry-records.js'
import { Expiry } from './expiry.js'
import type { Prefix, Prefixes } from './prefixes.js'
import { Recency } from './recency.js'
import { type StoreCounters, type StoreStatistics, zeroCounters } from './statistics.js'
import { ViewWriter } from './view-writer.js'

export interface StoreLimits {
  readonly maxEntries: number
  readonly maxBytes: number
  readonly maxValueBytes: number
  readonly maxKeyBytes: number
}

/** What tests replace. */
export interface StoreParts {
  /** The key of the index's hash. Default: a random one. */
  readonly secret?: HashSecret
  /** Of the view's index. Default: enough that a full one is rare. */
  readonly stripes?: number
}

/**
 * The arena is larger than the byte limit by this part of it, so that scattered free space seldom leaves an entry without
 * a block. (An entry takes less of it than it counts: its 64 bytes of overhead are more than header and rounding.)
 */
const SPARE_PART = 8

/**
 * Entries that one call may look at to find an expired one: about a millisecond. Stores up to this size evict no live
 * entry while an expired one is there; larger ones may, once, when more than this many share a slot of the wheel.
 */
const MAX_LOOKS = 65_536
/** The same for one step of a sweep, whose callers wait. */
const SWEEP_LOOKS = 16
const NONE = -1

export class Store {
  /** Called when the first entry with an expiry comes in after a time without any. */
  onExpiring: (() => void) | undefined
  /** What threads need to read the entries without asking; can be posted to a worker. */
  readonly view: ViewMemory
  /** What `putValue` writes to; every other call sets it to a key of its own. */
  readonly key: HashedKey
  readonly #limits: StoreLimits
  readonly #clock: Clock
  readonly #prefixes: Prefixes
  readonly #entries: ViewWriter
  readonly #records: EntryRecords
  readonly #recency: Recency
  readonly #expiry: Expiry
  readonly #counters: StoreCounters = zeroCounters()
  readonly #value = new ByteRange()

  constructor(limits: StoreLimits, clock: Clock, prefixes: Prefixes, parts: StoreParts = {}) {
    const { maxEntries, maxBytes, maxKeyBytes } = limits
    const arenaBytes = arenaBufferBytes(maxBytes + maxBytes / SPARE_PART)
    const sizes = { maxEntries, maxKeyBytes, arenaBytes, stripes: parts.stripes }
    this.view = createViewMemory(sizes, parts.secret ?? hashSecret(randomBytes(8)))
    this.#limits = limits
    this.#clock = clock
    this.#prefixes = prefixes
    this.#entries = new ViewWriter(openView(this.view))
    this.key = this.#entries.key
    this.#records = new EntryRecords(maxEntries)
    this.#recency = new Recency(maxEntries, this.#entries)
    this.#expiry = new Expiry(maxEntries, clock.nowMs())
  }

  /** The encoded value, counted as use. Not a copy: valid until the store is called again, and never to be handed to it. */
  get(prefix: Prefix, key: Uint8Array): Uint8Array | undefined {
    const id = this.#find(prefix, key)
    if (id === NONE || this.#removedAsExpired(id)) {
      this.#counters.misses++
      return undefined
    }
    this.#counters.hits++
    this.#recency.use(id)
    return this.#entries.value(id)
  }

  /**
   * Stores a copy of `value` until `expiresAtMs` on the engine's clock, rounded up to whole milliseconds; Infinity, or
   * 2^53 and more, means no expiry. A moment that has come already deletes. false = it can never fit; the old entry stays.
   * The caller holds a pin on `prefix`.
   */
  put(prefix: Prefix, key: Uint8Array, value: Uint8Array, expiresAtMs: number): boolean {
    if (key.length > this.#limits.maxKeyBytes) return this.#refuse()
    this.key.setBytes(prefix.incarnation, key)
    return this.putValue(prefix, this.#value.setBytes(value), expiresAtMs)
  }

  /** The same under `key`, which was set to one of this prefix. */
  putValue(prefix: Prefix, value: ByteRange, expiresAtMs: number): boolean {
    const { maxKeyBytes, maxValueBytes, maxBytes } = this.#limits
    const keyBytes = this.key.bytes
    const sizeBytes = prefix.bytes + keyBytes + value.length + ENTRY_OVERHEAD_BYTES
    if (keyBytes > maxKeyBytes || value.length > maxValueBytes || sizeBytes > maxBytes) return this.#refuse()
    const expires = !(expiresAtMs >= MAX_TTL_MS)
    // One reading of the clock, and none where nothing expires: it costs as much as the recency list.
    const nowMs = expires || this.#expiry.size > 0 ? this.#clock.nowMs() : 0
    // Written so that NaN deletes, too: a time that is none must not mean "for ever".
    const found = this.#entries.findKey()
    if (expires && !(expiresAtMs > nowMs)) {
      this.#delete(found)
      return true
    }
    const id =
      found === NONE ? this.#insert(prefix, sizeBytes, nowMs) : this.#overwrite(found, sizeBytes, nowMs)
    if (expires) this.#setDeadline(id, expiresAtMs)
    // The wheel rounds; readers and main go by the same instant.
    const deadlineMs = this.#expiry.deadlineOf(id)
    if (found === NONE) this.#entries.insert(id, value, deadlineMs)
    else this.#entries.replace(id, value, deadlineMs)
    return true
  }

  /** Whether the entry was there. */
  delete(prefix: Prefix, key: Uint8Array): boolean {
    return this.#delete(this.#find(prefix, key))
  }

  #delete(id: number): boolean {
    if (id === NONE || this.#removedAsExpired(id)) return false
    this.#remove(id)
    return true
  }

  /** Removes up to `maxEntries` expired entries and gives their number. Bounded work: call again while `hasExpired`. */
  sweep(maxEntries: number): number {
    this.#expiry.advance(this.#clock.nowMs())
    let removed = 0
    for (let step = 0; step < maxEntries; step++) {
      const id = this.#expiry.takeExpired(SWEEP_LOOKS)
      if (id !== NONE) {
        this.#expire(id)
        removed++
      } else if (!this.#expiry.hasExpired) break
    }
    return removed
  }

  /** Whether the last sweep left something to do. */
  get hasExpired(): boolean {
    return this.#expiry.hasExpired
  }

  /** Whether any entry will expire. */
  get hasExpiring(): boolean {
    return this.#expiry.size > 0
  }

  /** Entries that no thread can read without asking, for lack of a slot or of a piece of the arena. */
  get asked(): number {
    return this.#entries.asked
  }

  statistics(): StoreStatistics {
    return { ...this.#counters }
  }

  /** A key longer than can be stored has no entry. */
  #find(prefix: Prefix, key: Uint8Array): number {
    return key.length > this.#limits.maxKeyBytes ? NONE : this.#entries.find(prefix.incarnation, key)
  }

  #refuse(): false {
    this.#counters.refused++
    return false
  }

  #insert(prefix: Prefix, sizeBytes: number, nowMs: number): number {
    // Pinned first: making room may take the prefix's last other entry away.
    this.#prefixes.pin(prefix)
    this.#makeRoom(1, sizeBytes, NONE, nowMs)
    const id = this.#records.allocate(prefix, sizeBytes)
    this.#recency.add(id)
    this.#counters.entries++
    this.#counters.bytes += sizeBytes
    return id
  }

  /** The old value's bytes count as free; its deadline goes first, so that no search for expired entries meets it. */
  #overwrite(id: number, sizeBytes: number, nowMs: number): number {
    if (this.#expiry.deadlineOf(id) <= nowMs) this.#counters.expirations++
    this.#expiry.remove(id)
    this.#recency.use(id)
    const growthBytes = sizeBytes - this.#records.sizeBytes(id)
    this.#makeRoom(0, growthBytes, id, nowMs)
    this.#records.resize(id, sizeBytes)
    this.#counters.bytes += growthBytes
    return id
  }

  #setDeadline(id: number, expiresAtMs: number): void {
    this.#expiry.set(id, expiresAtMs)
    if (this.#expiry.size === 1) this.onExpiring?.()
  }

  /** Removes until `entries` more of `bytes` together fit. `keep` is the entry being overwritten. */
  #makeRoom(entries: number, bytes: number, keep: number, nowMs: number): void {
    const counters = this.#counters
    const mostEntries = this.#limits.maxEntries - entries
    const mostBytes = this.#limits.maxBytes - bytes
    if (counters.entries <= mostEntries && counters.bytes <= mostBytes) return
    this.#expiry.advance(nowMs)
    while (counters.entries > mostEntries || counters.bytes > mostBytes) {
      const expired = this.#expiry.takeExpired(MAX_LOOKS)
      if (expired !== NONE) {
        this.#expire(expired)
        continue
      }
      this.#remove(this.#recency.victim(keep))
      counters.evictions++
    }
  }

  #removedAsExpired(id: number): boolean {
    const deadlineMs = this.#expiry.deadlineOf(id)
    if (deadlineMs === Number.POSITIVE_INFINITY || this.#clock.nowMs() < deadlineMs) return false
    this.#expire(id)
    return true
  }

  #expire(id: number): void {
    this.#remove(id)
    this.#counters.expirations++
  }

  #remove(id: number): void {
    const prefix = this.#records.prefix(id)
    this.#counters.entries--
    this.#counters.bytes -= this.#records.sizeBytes(id)
    this.#entries.remove(id)
    this.#expiry.remove(id)
    this.#recency.remove(id)
    this.#records.release(id)
    this.#prefixes.unpin(prefix)
  }
}
