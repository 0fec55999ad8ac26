// Lua source in pieces, for looking at what the compiler has accepted: what is no Lua at all may come out as anything,
// but it comes to an end.

export interface Token {
  readonly kind: 'name' | 'keyword' | 'string' | 'number' | 'symbol'
  /** Of a string what stands between its quotes or brackets, escapes as written. */
  readonly text: string
  /** From 1. */
  readonly line: number
}

const KEYWORDS: ReadonlySet<string> = new Set(
  `and break do else elseif end false for function goto if in local nil not or repeat return then true until while`.split(
    ' ',
  ),
)

const SPACE = /\s+/y
const LONG_BRACKET = /\[(=*)\[/y
/** Closed or not: so it never goes back over what it has read. */
const SHORT_STRING = /(["'])((?:\\z\s*|\\\r\n|\\\n\r|\\[\s\S]|(?!\1)[^\\\r\n])*)\1?/y
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const NUMBER = /0[xX](?:[pP][+-]|[\w.])*|\.?\d(?:[eE][+-]|[\w.])*/y
const SYMBOL = /\.\.\.|\.\.|[=~<>]=|\/\/|::|<<|>>|[\s\S]/y
const LINE_REST = /[^\r\n]*/y
const LINE_ENDS = /\r\n|\n\r|\r|\n/g

class Scanner {
  readonly tokens: Token[] = []
  readonly #source: string
  #at = 0
  #line = 1

  constructor(source: string) {
    this.#source = source
  }

  scan(): Token[] {
    while (this.#at < this.#source.length) this.#next()
    return this.tokens
  }

  #next(): void {
    if (this.#take(SPACE) !== undefined) return
    if (this.#source.startsWith('--', this.#at)) {
      this.#at += 2
      if (this.#takeLongBracket() === undefined) this.#take(LINE_REST)
      return
    }
    const line = this.#line
    const long = this.#takeLongBracket()
    if (long !== undefined) {
      this.tokens.push({ kind: 'string', text: long, line })
      return
    }
    const [kind, text] = this.#takeToken()
    this.tokens.push({ kind, text, line })
  }

  #takeToken(): [Token['kind'], string] {
    const string = this.#take(SHORT_STRING)
    if (string !== undefined) return ['string', string[2] ?? '']
    const name = this.#take(NAME)
    if (name !== undefined) return [KEYWORDS.has(name[0]) ? 'keyword' : 'name', name[0]]
    const number = this.#take(NUMBER)
    if (number !== undefined) return ['number', number[0]]
    return ['symbol', this.#take(SYMBOL)?.[0] ?? '']
  }

  /** `[[…]]`, `[==[…]==]`; without its end it goes to the end of the source. */
  #takeLongBracket(): string | undefined {
    const open = this.#take(LONG_BRACKET)
    if (open === undefined) return undefined
    const close = `]${open[1]}]`
    const found = this.#source.indexOf(close, this.#at)
    const text = this.#source.slice(this.#at, found < 0 ? undefined : found)
    this.#pass(text)
    if (found >= 0) this.#at += close.length
    return text
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#source)
    if (match === null) return undefined
    this.#pass(match[0])
    return match
  }

  #pass(text: string): void {
    this.#at += text.length
    this.#line += text.match(LINE_ENDS)?.length ?? 0
  }
}

export function tokensOf(source: string): Token[] {
  return new Scanner(source).scan()
}
