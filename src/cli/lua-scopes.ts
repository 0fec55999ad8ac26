// Which declaration a name means, and in which block and function one is: a walk over tokens that the compiler has
// accepted. Lua closes blocks by keywords alone, so no parser is needed.
//
//   function ( names ) … end    for names in … do … end    while … do … end    do … end
//   if … then … elseif … then … else … end                 repeat … until
//
// A local is visible from its name on, a little earlier than for Lua itself (`local x = x`).

import type { Token } from './lua-tokens.js'

interface Block {
  readonly isFunction: boolean
  /** Branches of one `if` share it. */
  readonly ifId: number | undefined
  /** Which of them this is; undefined for all other blocks. */
  readonly branch: number | undefined
  readonly names: Map<string, number>
  /** What the `do` of a `for` will declare. */
  awaited: string[]
  /** Branches that an `if` has had. */
  branches: number
}

/** A block in a function in a file; for `mayFollow`. */
export type Place = readonly Block[]

const GLOBAL = 0

export class ScopeWalk {
  readonly #tokens: readonly Token[]
  readonly #blocks: Block[] = [openBlock()]
  #ids = GLOBAL
  /** Stands at the next token that may be looked at; names that are being declared have been passed. */
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** 0 is the file itself. */
  get functionDepth(): number {
    return this.#blocks.filter(({ isFunction }) => isFunction).length
  }

  /** Where one is. */
  get place(): Place {
    return [...this.#blocks]
  }

  /** The declaration that `name` means here; GLOBAL if there is none. */
  declarationOf(name: string): number {
    return this.#blocks.findLast(({ names }) => names.has(name))?.names.get(name) ?? GLOBAL
  }

  isGlobal(name: string): boolean {
    return this.declarationOf(name) === GLOBAL
  }

  /** Calls `visit` with the index of each token that is no keyword and declares nothing. */
  walk(visit: (index: number) => void): void {
    while (this.#at < this.#tokens.length) {
      const index = this.#at++
      const token = this.#tokens[index]
      if (token?.kind === 'keyword') this.#enter(token.text)
      else visit(index)
    }
  }

  #enter(keyword: string): void {
    if (keyword === 'local') this.#declareLocals()
    else if (keyword === 'function') this.#openFunction()
    else if (keyword === 'for') this.#current.awaited = this.#takeNames()
    else if (keyword === 'do') this.#openLoop()
    else if (keyword === 'repeat') this.#blocks.push(openBlock())
    // Stands for the whole statement; its branches come and go inside.
    else if (keyword === 'if') this.#blocks.push(openBlock({ ifId: ++this.#ids }))
    else if (keyword === 'then' || keyword === 'else') this.#openBranch()
    else if (keyword === 'elseif') this.#closeBranch()
    else if (keyword === 'until') this.#close()
    else if (keyword === 'end') {
      this.#closeBranch()
      this.#close()
    }
  }

  get #current(): Block {
    return this.#blocks.at(-1) as Block
  }

  /** The file's own block stays. */
  #close(): void {
    if (this.#blocks.length > 1) this.#blocks.pop()
  }

  #openLoop(): void {
    const names = this.#current.awaited
    this.#current.awaited = []
    this.#blocks.push(openBlock())
    this.#declare(names)
  }

  #openBranch(): void {
    this.#closeBranch()
    const statement = this.#current
    this.#blocks.push(openBlock({ ifId: statement.ifId, branch: statement.branches++ }))
  }

  #closeBranch(): void {
    if (this.#current.branch !== undefined) this.#close()
  }

  #declareLocals(): void {
    if (this.#tokens[this.#at]?.text === 'function') return
    const names = this.#takeNames()
    // `local cache = cache` is still the same thing.
    const [value, next] = [this.#tokens[this.#at + 1], this.#tokens[this.#at + 2]]
    const isRename = names.length === 1 && value?.text === names[0] && !'.:(['.includes(next?.text ?? ' ')
    if (!isRename) this.#declare(names)
  }

  #openFunction(): void {
    const isLocal = this.#tokens[this.#at - 2]?.text === 'local'
    const name = this.#tokens[this.#at]
    if (isLocal && name !== undefined) this.#declare([name.text])
    let isMethod = false
    while (this.#at < this.#tokens.length && this.#tokens[this.#at]?.text !== '(') {
      isMethod ||= this.#tokens[this.#at]?.text === ':'
      this.#at++
    }
    this.#at++
    this.#blocks.push(openBlock({ isFunction: true }))
    this.#declare([...this.#takeNames(), ...(isMethod ? ['self'] : [])])
  }

  /** Names separated by commas, with what Lua allows beside them: `...`, `<const>`. */
  #takeNames(): string[] {
    const names: string[] = []
    for (;;) {
      const token = this.#tokens[this.#at]
      if (token?.kind === 'name') {
        names.push(token.text)
        this.#at++
        if (this.#tokens[this.#at]?.text === '<') this.#at += 3
      } else if (token?.text === '...') this.#at++
      if (this.#tokens[this.#at]?.text !== ',') return names
      this.#at++
    }
  }

  #declare(names: readonly string[]): void {
    for (const name of names) this.#current.names.set(name, ++this.#ids)
  }
}

/** Whether what stands at `here` can happen after what stands at `there`, in one call of the function that holds it. */
export function mayFollow(here: Place, there: Place): boolean {
  const owner = there.findLast(({ isFunction }) => isFunction)
  if (owner !== undefined && !here.includes(owner)) return false
  return !here.some(
    ({ ifId, branch }) =>
      branch !== undefined && there.some((other) => other.ifId === ifId && isOther(other.branch, branch)),
  )
}

const isOther = (branch: number | undefined, than: number): boolean => branch !== undefined && branch !== than

function openBlock(given: Partial<Pick<Block, 'isFunction' | 'ifId' | 'branch'>> = {}): Block {
  const { isFunction = false, ifId, branch } = given
  return { isFunction, ifId, branch, names: new Map(), awaited: [], branches: 0 }
}
