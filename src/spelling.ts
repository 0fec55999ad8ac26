// The nearest right spelling of a wrong name.

/** Letters only, so that `cache_prefix`, `cache-prefix` and `CachePrefix` are as good as right. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other. */
function distance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const replaced = at(last, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1)
      let least = Math.min(replaced, at(last, column) + 1, at(current, column - 1) + 1)
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        least = Math.min(least, at(beforeLast, column - 2) + 1)
      }
      current.push(least)
    }
    beforeLast = last
    last = current
  }
  return at(last, to.length)
}

const at = (row: readonly number[], column: number): number => row[column] as number

/** 0 is the same word; from 1 on nothing alike. */
function unlikeness(given: string, known: string): number {
  if (given === known) return 0
  const longest = Math.max(given.length, known.length)
  const whole = distance(given, known) / longest
  // `memory` for `memoryBytes`, `prefix` for `cachePrefix`: a part that is long enough to mean something.
  const part = given.length >= 4 && (known.includes(given) || given.includes(known)) ? 0.35 : 1
  return Math.min(whole, part + (longest - given.length) / 1000)
}

/**
 * The one of `known` that was most likely meant by `given`, undefined if none is near. Of names that are equally near
 * the first wins; only the part after the last dot is compared.
 */
export function nearestName(given: string, known: readonly string[]): string | undefined {
  const wanted = plain(given.slice(0, 100))
  let nearest: string | undefined
  let leastUnlike = 0.45
  for (const name of known) {
    const unlike = unlikeness(wanted, plain(name.slice(name.lastIndexOf('.') + 1)))
    if (unlike >= leastUnlike) continue
    leastUnlike = unlike
    nearest = name
  }
  return nearest
}
