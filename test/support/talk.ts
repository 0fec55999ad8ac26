// What talking-thread.ts says and what it is answered, computed alike on both sides.

export const WORKER = 0
export const PUT = 2
export const CALL = 1

/** Mostly small, sometimes larger than a record, rarely larger than the ring. */
export function messageLength(id: number): number {
  if (id % 1009 === 0) return 150_000
  if (id % 97 === 0) return 20_000
  return (id * 31) % 300
}

const LONGEST = 200_000
const source = Uint8Array.from({ length: LONGEST + 256 }, (_, i) => (i * 7) & 0xff)

/** At least as long as the message. */
export const messageBytes = (id: number): Uint8Array =>
  source.subarray(id & 0xff, (id & 0xff) + messageLength(id))

/** Undefined is the answer "nothing". */
export function answerBytes(id: number): Uint8Array | undefined {
  if (id % 5 === 0) return undefined
  const length = id % 200 === 0 ? 40_000 : (id * 13) % 500
  return source.subarray(id & 0x3f, (id & 0x3f) + length)
}
