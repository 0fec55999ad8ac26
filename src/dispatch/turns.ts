// Whose turn it is: tenants that have runs waiting, in weighted rotation.
//
// A clock counts turns, not time (self-clocked fair queueing). Each tenant waits for an instant of it; the earliest one
// goes next and sets the clock to its instant, and if it has more, it comes again a stride later: ONE_TURN / its weight.
// With equal weights that is a plain rotation.
//
//   clock ──▶ 5
//             │   a (weight 1)  at 6            turns from here: b b a b b b a b b b a …
//             │   b (weight 3)  at 5⅓
//
// A tenant that arrives after a whole stride without a turn goes ahead of all that wait, so its one run waits for
// nobody's long line. Only one goes ahead after each turn of those that wait, the others stand a stride away: else a flood
// of tenants that come once each would keep the rest waiting for ever.
//
// What follows, for a tenant of weight w that has runs waiting:
//   between its arrival and its turn, and between two of its turns, one of weight v gets at most ceil(v / w) turns;
//   so with n tenants at equal weights it waits for n - 1 others, and for at most as many again that went ahead.
//
// Strides are whole numbers, rounded up, and fine enough (ONE_TURN > MAX_TENANT_WEIGHT²) that rounding changes no bound and
// shares by less than one part in 10,000. Instants stay exact for 2^33 rounds, and good enough for 10,000 times as many,
// without a pause; in a pause, when nobody waits, the clock starts again.

import { MAX_TENANT_WEIGHT } from '../limits.js'
import { Line, type Placed } from './line.js'

const ONE_TURN = 2 ** 20
if (ONE_TURN <= MAX_TENANT_WEIGHT ** 2) throw new RangeError('turns: a stride is too coarse for the weights')

export interface Waiter extends Placed {
  /** A whole number of 1 to MAX_TENANT_WEIGHT. */
  readonly weight: number
  /** When its turn is; while it rests, when it will have been gone for a whole stride. */
  instant: number
  /** Who came first, between equal instants. */
  order: number
}

/** Those of one weight. All of them stand one stride away when they come, so each line is in order. */
interface Rank<Item extends Waiter> {
  readonly stride: number
  readonly waiting: Line<Item>
  /** Those that do not wait now and had a turn less than a stride ago. */
  readonly resting: Line<Item>
}

export class Turns<Item extends Waiter> {
  readonly #ranks: Rank<Item>[] = []
  readonly #byWeight = new Map<number, Rank<Item>>()
  readonly #forget: (item: Item) => void
  #clock = 0
  #order = 0
  #size = 0
  #ahead: Item | undefined
  #mayGoAhead = true

  /** `forget` is told of each one that is neither waiting nor resting any more. */
  constructor(forget: (item: Item) => void) {
    this.#forget = forget
  }

  /** How many wait. */
  get size(): number {
    return this.#size
  }

  /** It has something waiting: it gets a turn. */
  add(item: Item): void {
    const rank = this.#rankOf(item)
    const isNew = !rank.resting.remove(item)
    if (!isNew || !this.#mayGoAhead) {
      this.#wait(rank, item)
      return
    }
    this.#mayGoAhead = false
    this.#ahead = item
    this.#size++
  }

  /** Whose turn it is. It waits no longer; `again` or `rest` must follow. */
  next(): Item | undefined {
    if (this.#size === 0) return undefined
    this.#size--
    return this.#takeAhead() ?? this.#takeEarliest()
  }

  /** It had its turn and has more. */
  again(item: Item): void {
    this.#wait(this.#rankOf(item), item)
  }

  /** It had its turn and has nothing more that may go. */
  rest(item: Item): void {
    const rank = this.#rankOf(item)
    item.instant = this.#clock + rank.stride
    rank.resting.push(item)
    if (this.#size === 0) this.#pause()
  }

  /** It has nothing waiting any more, without a turn. */
  leave(item: Item): void {
    if (this.#ahead === item) this.#ahead = undefined
    else if (!this.#rankOf(item).waiting.remove(item)) return
    this.#size--
    this.#forget(item)
    if (this.#size === 0) this.#pause()
  }

  #wait(rank: Rank<Item>, item: Item): void {
    item.instant = this.#clock + rank.stride
    item.order = ++this.#order
    rank.waiting.push(item)
    this.#size++
  }

  #takeAhead(): Item | undefined {
    const item = this.#ahead
    this.#ahead = undefined
    return item
  }

  #takeEarliest(): Item | undefined {
    let earliest: Item | undefined
    let line: Line<Item> | undefined
    for (const { waiting } of this.#ranks) {
      const item = waiting.peek()
      if (item === undefined || (earliest !== undefined && !isBefore(item, earliest))) continue
      earliest = item
      line = waiting
    }
    if (earliest === undefined) return undefined
    line?.shift()
    this.#mayGoAhead = true
    this.#clock = earliest.instant
    this.#forgetRested()
    return earliest
  }

  #forgetRested(): void {
    for (const { resting } of this.#ranks) {
      let item = resting.peek()
      while (item !== undefined && item.instant <= this.#clock) {
        resting.shift()
        this.#forget(item)
        item = resting.peek()
      }
    }
  }

  /** Nobody waits: who had a turn before does not matter any more. */
  #pause(): void {
    this.#clock = Number.POSITIVE_INFINITY
    this.#forgetRested()
    this.#clock = 0
    this.#order = 0
    this.#mayGoAhead = true
  }

  #rankOf({ weight }: Item): Rank<Item> {
    let rank = this.#byWeight.get(weight)
    if (rank === undefined) {
      rank = { stride: Math.ceil(ONE_TURN / weight), waiting: new Line(), resting: new Line() }
      this.#byWeight.set(weight, rank)
      this.#ranks.push(rank)
    }
    return rank
  }
}

function isBefore(a: Waiter, b: Waiter): boolean {
  return a.instant < b.instant || (a.instant === b.instant && a.order < b.order)
}
