// A first-in-first-out line that one can also leave from the middle. It holds on to nothing that has left it.
//
//   items   [ gone gone | A  –  B  C  –  D ]        – left from the middle
//                first ─┘                           place of item i = base + i, for as long as it stands here

/** What stands in a line, in one at a time. */
export interface Placed {
  /** Kept by the line; -1 in none. */
  place: number
}

/** So many items may be gone before the rest is moved. */
const MOST_GONE = 64

export class Line<Item extends Placed> {
  #items: (Item | undefined)[] = []
  #first = 0
  #base = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  push(item: Item): void {
    item.place = this.#base + this.#items.length
    this.#items.push(item)
    this.#size++
  }

  /** Puts them before all that stand here, in their order. Costs as much as the line is long. */
  prepend(items: readonly Item[]): void {
    const left = [...items, ...this.#items.filter((item) => item !== undefined)]
    this.#size = left.length
    this.#replace(left)
  }

  peek(): Item | undefined {
    if (this.#size === 0) return undefined
    while (this.#items[this.#first] === undefined) this.#first++
    return this.#items[this.#first]
  }

  shift(): Item | undefined {
    const item = this.peek()
    if (item !== undefined) this.#take(item)
    return item
  }

  /** False when it does not stand here. */
  remove(item: Item): boolean {
    if (item.place < 0 || this.#items[item.place - this.#base] !== item) return false
    this.#take(item)
    return true
  }

  #take(item: Item): void {
    this.#items[item.place - this.#base] = undefined
    item.place = -1
    this.#size--
    if (this.#size === 0) this.#clear()
    else if (this.#items.length - this.#size >= Math.max(MOST_GONE, this.#size)) this.#closeUp()
  }

  #clear(): void {
    this.#base += this.#items.length
    this.#items.length = 0
    this.#first = 0
  }

  #closeUp(): void {
    this.#replace(this.#items.filter((item) => item !== undefined))
  }

  #replace(left: Item[]): void {
    this.#clear()
    this.#items = left
    for (const [index, item] of left.entries()) item.place = this.#base + index
  }
}
