// Where the Lua of this package and Debian's lua5.4 (5.4.4) differ for a reason. Everything else must be the same, byte for
// byte: output, results and the text of errors. A rule changes no more than what it is about, and only on the side where
// that stands, so that nothing hides behind it.
//
// What the scripts must not do at all, because no rule could tell it from a mistake, is kept out by the generator: `<=` of
// a table with `__lt` and no `__le`, which Debian's build answers, because it is compiled to be compatible with Lua 5.3;
// and formats of `string.pack` with the sizes of C's `long` and `size_t`, which are 4 bytes here and 8 there.

interface Results {
  readonly expected: string
  readonly found: string
}

interface KnownDifference {
  readonly reason: string
  /** Makes both texts say the same, if this is all they differ in. */
  readonly same: (results: Results) => Results
}

type Change = (text: string) => string
type Rule = KnownDifference['same']

const inBoth =
  (change: Change): Rule =>
  ({ expected, found }) => ({ expected: change(expected), found: change(found) })

const inPeer =
  (change: Change): Rule =>
  ({ expected, found }) => ({ expected: change(expected), found })

const here =
  (change: Change): Rule =>
  ({ expected, found }) => ({ expected, found: change(found) })

const POSITION = /^error: script:\d+: /

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  // Releases of Lua.
  {
    reason: 'table.remove calls its position argument #1 up to 5.4.4, and #2 from 5.4.5 on.',
    same: inPeer((text) =>
      text.replaceAll(
        "bad argument #1 to 'remove' (position out of bounds)",
        "bad argument #2 to 'remove' (position out of bounds)",
      ),
    ),
  },
  {
    reason: 'The line of a division by zero: both versions may tell a neighbouring one (mended in 5.4.6).',
    same: inBoth((text) =>
      text.replace(/script:\d+: (attempt to (?:divide by zero|perform 'n(?:\/\/|%%?)0'))/g, '$1'),
    ),
  },
  // Processors and compilers.
  {
    reason: 'The sign of a NaN is the processor’s choice; WebAssembly’s are positive as a rule.',
    same: inBoth((text) => text.replaceAll('-nan', 'nan')),
  },
  {
    reason: 'math.fmod reads its two arguments in an order that C leaves to the compiler.',
    same: inBoth((text) =>
      text.replace(/bad argument #[12] to 'fmod' \(number expected, got [\w ]+\)/g, "bad argument to 'fmod'"),
    ),
  },
  {
    reason: 'Addresses, in capitals too, or behind what is left of a cut "function".',
    same: inBoth((text) => text.replace(/(\w*): 0x[0-9a-f]+/gi, '$1: address')),
  },
  // What is different here on purpose.
  {
    reason: 'load gets all four arguments here, nil where there is none, because its mode is fixed.',
    same: inPeer((text) =>
      text.replaceAll("'load' (function expected, got no value)", "'load' (function expected, got nil)"),
    ),
  },
  {
    reason: 'The message of an uncaught error is text here: bytes that are no UTF-8 are shown as U+FFFD.',
    same: inPeer((text) =>
      text.startsWith('error: ')
        ? Buffer.from(Buffer.from(text, 'latin1').toString()).toString('latin1')
        : text,
    ),
  },
  {
    reason: 'An uncaught error whose message has no position gets that of its run here.',
    same: ({ expected, found }) =>
      expected.startsWith('error: ') && !POSITION.test(expected)
        ? { expected, found: found.replace(POSITION, 'error: ') }
        : { expected, found },
  },
  {
    reason: 'An uncaught error that is no text has a message here, because a host must show something.',
    same: here((text) => text.replace(/^error: \(error object is an? (\w+) value\)$/, 'error: ($1)')),
  },
  {
    reason: 'So has one with an empty text.',
    same: here((text) => text.replace(/^error: \(error with an empty message\)$/, 'error: ')),
  },
]

export function agree(expected: string, found: string): boolean {
  if (expected === found) return true
  const same = KNOWN_DIFFERENCES.reduce<Results>((results, known) => known.same(results), { expected, found })
  return same.expected === same.found
}
