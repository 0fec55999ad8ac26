// Logarithmic scales that people can read: round ticks, plain numbers, room for names.

/** Powers of ten; where there are few of them, twos and fives between. */
export function logTicks([from, to]: readonly [number, number]): number[] {
  const decades = Math.log10(to / from)
  const steps = decades < 2.5 ? [1, 2, 5] : [1]
  const first = Math.floor(Math.log10(from))
  const powers = Array.from({ length: Math.ceil(decades) + 2 }, (_, n) => 10 ** (first + n))
  return powers
    .flatMap((power) => steps.map((step) => Number((step * power).toPrecision(1))))
    .filter((at) => at >= from && at <= to)
}

/** 0.2, 50, 20k, 3M. */
export function formatTick(value: number): string {
  const [divisor, unit] = value >= 1e6 ? [1e6, 'M'] : value >= 1e3 ? [1e3, 'k'] : [1, '']
  return `${Number((value / divisor).toPrecision(3))}${unit}`
}

/** Places for texts at these logarithms, in ascending order, at least `gap` apart and below `top` if they fit. */
export function spreadLabels(places: readonly number[], gap: number, top: number): number[] {
  const spread: number[] = []
  for (const place of places) spread.push(Math.max(place, (spread.at(-1) ?? Number.NEGATIVE_INFINITY) + gap))
  let limit = top
  for (let index = spread.length - 1; index >= 0; index--) {
    spread[index] = Math.min(spread[index] as number, limit)
    limit = (spread[index] as number) - gap
  }
  return spread
}
