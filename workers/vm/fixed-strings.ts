// Strings of the base state that stay for ever, in one piece of the heap.
//
// Lua makes a string when a library or the prelude first names it, so they lie strewn among tables. Made before all else
// they lie together, which is what a restore can leave out in one go (lasting-objects.ts). Lua keeps its own reserved
// words in a list that the collector neither marks nor frees; these are put there too, in the way of luaC_fix: out of
// the list of all objects, of which a new one is the first, with the marks of what is there already.

import {
  GLOBAL,
  OBJECT,
  STATE,
  STRING_HEADER_BYTES,
  STRING_SHORT_LENGTH,
  TYPE_SHORT_STRING,
} from './layout.js'
import type { Pointer } from './lua.js'
import type { Vm } from './vm.js'

const globalOf = ({ words, mainState }: Vm): Pointer => words[(mainState + STATE.global) >>> 2] as number

/** Makes each of `texts`, at most as long as a short string, unless it is there. The main stack must have room for one. */
export function fixStrings(vm: Vm, texts: readonly Uint8Array[]): void {
  const { lua, mainState, bytes, words, scratch } = vm
  const global = globalOf(vm)
  const all = (global + GLOBAL.allObjects) >>> 2
  const fixed = (global + GLOBAL.fixedObjects) >>> 2
  const marks = bytes[(words[fixed] as number) + OBJECT.marks] as number
  for (const text of texts) {
    bytes.set(text, scratch)
    const string = lua.lua_pushlstring(mainState, scratch, text.length) - STRING_HEADER_BYTES
    lua.lua_settop(mainState, -2)
    if (words[all] !== string) continue
    words[all] = words[(string + OBJECT.next) >>> 2] as number
    words[(string + OBJECT.next) >>> 2] = words[fixed] as number
    words[fixed] = string
    bytes[string + OBJECT.marks] = marks
  }
}

/** All short strings of a state. */
export function shortStrings(vm: Vm): Uint8Array[] {
  const { bytes, words } = vm
  const global = globalOf(vm)
  const texts: Uint8Array[] = []
  for (const first of [GLOBAL.allObjects, GLOBAL.fixedObjects]) {
    let object = words[(global + first) >>> 2] as number
    for (; object !== 0; object = words[(object + OBJECT.next) >>> 2] as number) {
      if (bytes[object + OBJECT.type] !== TYPE_SHORT_STRING) continue
      const at = object + STRING_HEADER_BYTES
      texts.push(Uint8Array.from(bytes.subarray(at, at + (bytes[object + STRING_SHORT_LENGTH] as number))))
    }
  }
  return texts
}
