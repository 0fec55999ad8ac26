// A store with a clock that stands still until a test moves it.

import type { Clock } from '../../src/clock.js'
import { ByteRange } from '../../src/shared/byte-range.js'
import { PrefixCells } from '../../src/shared/prefix-cells.js'
import { Prefixes } from '../../src/store/prefixes.js'
import { Store, type StoreLimits, type StoreParts } from '../../src/store/store.js'

export const FOREVER: number = Number.POSITIVE_INFINITY

export class ManualClock implements Clock {
  now: number
  readonly canShift = true

  constructor(now = 1000) {
    this.now = now
  }

  nowMs(): number {
    return this.now
  }

  monotonicMs(): number {
    return this.now
  }
}

export interface StoreFixture {
  readonly clock: ManualClock
  readonly prefixes: Prefixes
  readonly store: Store
}

export function createStore(limits: Partial<StoreLimits> = {}, parts: StoreParts = {}): StoreFixture {
  const clock = new ManualClock()
  const prefixes = new Prefixes(new PrefixCells({ cells: 64 }))
  const all = { maxEntries: 50_000, maxBytes: 64 * 2 ** 20, maxValueBytes: 2 ** 20, maxKeyBytes: 1024 }
  return { clock, prefixes, store: new Store({ ...all, ...limits }, clock, prefixes, parts) }
}

/** Each character one byte, so that tests can write any key. */
export function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'))
}

/** The same, as the writer of the view takes it. */
export function range(text: string): ByteRange {
  return new ByteRange().setBytes(bytes(text))
}

export function text(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value).toString('latin1')
}
