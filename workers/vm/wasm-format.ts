// Writes the binary format of wasm modules, as far as it is needed here.

export const PREAMBLE: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
export const SECTION = {
  type: 1,
  import: 2,
  function: 3,
  memory: 5,
  global: 6,
  export: 7,
  code: 10,
  data: 11,
  dataCount: 12,
} as const
/** What is imported or exported. */
export const KIND = { function: 0, memory: 2, global: 3 } as const
export const LIMITS_SHARED_WITH_MAXIMUM = 3
/** 4 GiB. */
export const MAX_PAGES = 65_536
/** Of an expression or a function's code. */
export const END = 0x0b

export function unsigned(value: number): number[] {
  const bytes: number[] = []
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return [...bytes, left]
    bytes.push((left & 0x7f) | 0x80)
  }
}

/** Of a number that is not negative: its last byte must not look like a sign. */
export function signed(value: number): number[] {
  const bytes = unsigned(value)
  const last = bytes.pop() as number
  return last < 0x40 ? [...bytes, last] : [...bytes, last | 0x80, 0]
}

export const sized = (bytes: readonly number[]): number[] => [...unsigned(bytes.length), ...bytes]
export const name = (text: string): number[] => sized([...Buffer.from(text)])
export const list = (items: readonly number[][]): number[] => [...unsigned(items.length), ...items.flat()]
export const section = (id: number, content: readonly number[]): number[] => [id, ...sized(content)]
