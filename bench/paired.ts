// Two ways of doing the same work, compared in one process: in short rounds, in turn, each time another one first. What
// drifts by itself (the machine, the place of a VM in memory) drifts for both.

/** Works for about `forMs`, and says how much per millisecond. */
export type Way = (forMs: number) => number | Promise<number>

/** The ratios of a round's two rates, first to second. */
export async function pairRounds(
  rounds: number,
  roundMs: number,
  first: Way,
  second: Way,
): Promise<number[]> {
  const ratios: number[] = []
  for (let round = 0; round < rounds; round++) {
    const isFirst = round % 2 === 0
    const early = await (isFirst ? first : second)(roundMs)
    const late = await (isFirst ? second : first)(roundMs)
    ratios.push(isFirst ? early / late : late / early)
  }
  return ratios
}

/** How many rounds of two ways fill a sample: an even number, so that each way is first as often. */
export function countRounds(forMs: number, roundMs: number): number {
  return Math.max(4, 2 * Math.round(forMs / roundMs))
}
