// Stands where the native code that reads the view would: for a VM that has none, or whose view is too large for wasm. It says
// of everything that JavaScript is to look. JavaScript can make no globals of 128 bits, so a wasm module of nothing else does.

import { END, KIND, list, name, PREAMBLE, SECTION, section } from './wasm-format.js'

const ELSEWHERE = -1
/** As of ../view-finder/: what short values come in, and parts of long ones. */
const VALUE_GLOBALS = 16
const PART_GLOBALS = 8
const V128 = 0x7b
const MUTABLE = 1
const V128_CONST = [0xfd, 12]

function createPartGlobals(): Record<string, unknown> {
  const zero = [V128, MUTABLE, ...V128_CONST, ...new Uint8Array(16), END]
  const indexes = Array.from({ length: PART_GLOBALS }, (_, index) => index)
  const bytes = [
    ...PREAMBLE,
    ...section(SECTION.global, list(indexes.map(() => zero))),
    ...section(SECTION.export, list(indexes.map((index) => [...name(`w${index}`), KIND.global, index]))),
  ]
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes)), {})
  return exports
}

const createGlobal = (): WebAssembly.Global => new WebAssembly.Global({ value: 'i64', mutable: true }, 0n)

function createValueGlobals(): Record<string, WebAssembly.Global> {
  return Object.fromEntries(Array.from({ length: VALUE_GLOBALS }, (_, n) => [`v${n}`, createGlobal()]))
}

export const NO_VIEW = {
  find: (): number => ELSEWHERE,
  takePart: (): void => {},
  endParts: (): number => 0,
  longBytes: createGlobal(),
  ...createValueGlobals(),
  ...createPartGlobals(),
}
