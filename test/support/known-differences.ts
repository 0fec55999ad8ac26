// Where the Lua of this package and Debian's lua5.4 (5.4.4) differ for a reason. Everything else must be the same, byte for
// byte: output, results and the text of errors. Not generated at all: `<=` of a table with `__lt` and no `__le`, which
// Debian's build answers, because it is compiled to be compatible with Lua 5.3.

interface KnownDifference {
  readonly reason: string
  /** Makes both texts say the same, if this is all they differ in. */
  readonly same: (text: string) => string
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    reason: 'The sign of a NaN is the processor’s choice; WebAssembly’s are positive as a rule.',
    same: (text) => text.replaceAll('-nan', 'nan'),
  },
  {
    reason: 'table.remove names its position argument #1 in 5.4.4, and #2 from 5.4.5 on.',
    same: (text) => text.replaceAll("bad argument #1 to 'remove' (pos", "bad argument #2 to 'remove' (pos"),
  },
  {
    reason: 'math.fmod reads its two arguments in an order that C leaves to the compiler.',
    same: (text) =>
      text.replace(/bad argument #[12] to 'fmod' \(number expected, got [\w ]+\)/g, "bad argument to 'fmod'"),
  },
  {
    reason: 'load gets all four arguments here, nil where there is none, because its mode is fixed.',
    same: (text) =>
      text.replaceAll("'load' (function expected, got no value)", "'load' (function expected, got nil)"),
  },
  {
    reason: 'The message of an uncaught error is text here: bytes that are no UTF-8 are shown as U+FFFD.',
    same: (text) => (text.startsWith('error: ') ? Buffer.from(text, 'latin1').toString('utf8') : text),
  },
  {
    reason: 'An uncaught error whose message has no position gets that of its run here.',
    same: (text) => text.replace(/^error: script:\d+: /, 'error: '),
  },
  {
    reason: 'An uncaught error that is no text has a message here, because a host must show something.',
    same: (text) => text.replace(/^error: \(error object is an? (\w+) value\)$/, 'error: ($1)'),
  },
  {
    reason: 'So has one with an empty text.',
    same: (text) => text.replace(/^error: \(error with an empty message\)$/, 'error: '),
  },
  {
    reason: 'The line of a division by zero: both versions may tell a neighbouring one (mended in 5.4.6).',
    same: (text) =>
      text.replace(/script:\d+: (attempt to (?:divide by zero|perform 'n(?:\/\/|%%?)0'))/g, '$1'),
  },
  {
    reason: 'Versions of Lua 5.4 count the position of table.remove as its first or as its second argument.',
    same: (text) =>
      text.replace(/bad argument #[12] to 'remove' \(position/g, "bad argument to 'remove' (position"),
  },
  {
    reason: 'Addresses, in capitals too, or behind what is left of a cut "function".',
    same: (text) => text.replace(/(\w*): 0x[0-9a-f]+/gi, '$1: address'),
  },
]

export function agree(expected: string, found: string): boolean {
  const same = (text: string): string =>
    KNOWN_DIFFERENCES.reduce((changed, known) => known.same(changed), text)
  return expected === found || same(expected) === same(found)
}
