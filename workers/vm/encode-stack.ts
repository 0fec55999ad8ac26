// Lua value on a stack → bytes (format: src/shared/value-format.ts).
//
// The walk reads Lua's tables where they lie (stack-layout.ts), as lua_next would go through them: first the array part
// in order, then the hash part. So no metamethod runs, nothing allocates, nothing raises, and what is walked cannot
// change. As long as the keys count up from 1 the values are items; everything after the first other key is a pair.
//
// Two things bound the work: bytes written, and slots looked at, because a table that was emptied has many slots and
// few bytes, and may be referred to often.

import { MAX_DEPTH } from '../../src/limits.js'
import type { ByteWriter } from '../../src/shared/byte-writer.js'
import { copyBytes } from '../../src/shared/copy-bytes.js'
import * as format from '../../src/shared/value-format.js'
import {
  closeTable,
  openTable,
  stringHeaderBytes,
  writeStringHeader,
  writeTag,
} from '../../src/shared/value-parts.js'
import type { LuaState, Pointer } from './lua.js'
import * as layout from './stack-layout.js'
import { typeNameOf } from './stack-layout.js'
import { joinPath, keyPart } from './stack-path.js'
import type { Vm } from './vm.js'

// V8 folds the constants of a module into its code, but loads imported ones at each use.
const { MAX_SMALL_COUNT, TAG_FALSE, TAG_FLOAT, TAG_INT32, TAG_INT64, TAG_NIL, TAG_TRUE } = format
const { ARRAY_LIMIT_OFFSET, ARRAY_OFFSET, CI_OFFSET, FLAGS_OFFSET, HASH_OFFSET, LIMIT_IS_HINT } = layout
const { LOG2_HASH_OFFSET, LONG_LENGTH_OFFSET, LUA_FALSE, LUA_FLOAT, LUA_INTEGER } = layout
const { LUA_LONG_STRING, LUA_NIL, LUA_SHORT_STRING, LUA_TABLE, LUA_TRUE, NODE_BYTES } = layout
const { NODE_KEY_OFFSET, NODE_KEY_TAG_OFFSET, SHORT_LENGTH_OFFSET, SLOT_BYTES } = layout
const { STRING_BYTES_OFFSET, TAG_OFFSET, TOP_OFFSET, TYPE_BITS } = layout

/** Up to here copying word by word beats a native copy. */
const LOOP_BYTES = 256
const WORD_BYTES = 4
/** Slots that may be looked at for each byte that may be written, and at least. */
const SLOTS_PER_BYTE = 8
const LEAST_SLOTS: number = 2 ** 23

/** No JavaScript but the encoder's runs while it encodes, so one list serves all. */
const TABLES = new Uint32Array(MAX_DEPTH)

class StackEncoder {
  /** Why it failed, and where: the parts of the path from the inside outwards. */
  failure = ''
  path: string[] | undefined
  declare private readonly bytes: Buffer
  declare private readonly words: Uint32Array
  declare private readonly out: ByteWriter
  /** `out` may not grow beyond this. */
  declare private readonly end: number
  declare private slotsLeft: number
  /** How many tables are around the value in work; `TABLES` holds their addresses. */
  private depth = 0
  // Of the table in work: how many items and pairs it has so far.
  private items = 0
  private pairs = 0

  constructor(vm: Vm, out: ByteWriter, maxBytes: number) {
    this.bytes = vm.bytes
    this.words = vm.words
    this.out = out
    this.end = out.length + maxBytes
    this.slotsLeft = Math.max(LEAST_SLOTS, maxBytes * SLOTS_PER_BYTE)
  }

  private fail(why: string): false {
    this.failure = why
    return false
  }

  private failAt(part: string): false {
    this.path ??= []
    this.path.push(part)
    return false
  }

  /** Encodes the value with that tag whose eight bytes lie at that address. */
  value(tag: number, at: Pointer): boolean {
    switch (tag) {
      case LUA_SHORT_STRING: {
        const string = this.words[at >>> 2] as number
        return this.string(string, this.bytes[string + SHORT_LENGTH_OFFSET] as number)
      }
      case LUA_INTEGER:
        this.integer(at)
        break
      case LUA_FLOAT:
        this.eightBytes(TAG_FLOAT, at)
        break
      case LUA_TABLE:
        return this.table(this.words[at >>> 2] as number)
      case LUA_TRUE:
        writeTag(this.out, TAG_TRUE)
        break
      case LUA_FALSE:
        writeTag(this.out, TAG_FALSE)
        break
      case LUA_LONG_STRING: {
        const string = this.words[at >>> 2] as number
        return this.string(string, this.words[(string + LONG_LENGTH_OFFSET) >>> 2] as number)
      }
      case LUA_NIL:
        writeTag(this.out, TAG_NIL)
        break
      default:
        return this.fail(`unsupported type ${typeNameOf(tag)}`)
    }
    return this.out.length <= this.end || this.fail('too large')
  }

  private integer(at: Pointer): void {
    const small = (this.words[at >>> 2] as number) | 0
    if (this.words[(at + 4) >>> 2] !== (small >> 31) >>> 0) {
      this.eightBytes(TAG_INT64, at)
      return
    }
    const out = this.out
    out.reserve(5)
    out.bytes[out.length] = TAG_INT32
    out.view.setInt32(out.length + 1, small, true)
    out.length += 5
  }

  /** Copies a value's bits, so that a NaN stays the NaN that it is. */
  private eightBytes(tag: number, at: Pointer): void {
    const out = this.out
    out.reserve(9)
    out.bytes[out.length] = tag
    out.view.setUint32(out.length + 1, this.words[at >>> 2] as number, true)
    out.view.setUint32(out.length + 5, this.words[(at + 4) >>> 2] as number, true)
    out.length += 9
  }

  private string(string: Pointer, sizeBytes: number): boolean {
    const out = this.out
    if (out.length + stringHeaderBytes(sizeBytes) + sizeBytes > this.end) return this.fail('too large')
    const from = string + STRING_BYTES_OFFSET
    this.check(from, sizeBytes)
    writeStringHeader(out, sizeBytes)
    const { length } = out
    if (sizeBytes <= LOOP_BYTES) {
      // Strings begin at a word. What is copied beyond the end is overwritten by what is written next.
      out.reserve(sizeBytes + WORD_BYTES)
      const { view } = out
      const { words } = this
      let word = from >>> 2
      for (let i = 0; i < sizeBytes; i += WORD_BYTES)
        view.setUint32(length + i, words[word++] as number, true)
    } else {
      copyBytes(out.bytes, length, this.bytes, from, sizeBytes)
    }
    out.length = length + sizeBytes
    return true
  }

  /** What lies outside of the memory cannot be Lua's: some bug of it was used to write there. */
  private check(from: Pointer, sizeBytes: number): void {
    if (!(from + sizeBytes <= this.bytes.length)) throw new RangeError('the VM memory is damaged')
  }

  private table(table: Pointer): boolean {
    const { depth, words, bytes, out, items, pairs } = this
    for (let i = 0; i < depth; i++) if (TABLES[i] === table) return this.fail('cycle')
    if (depth >= MAX_DEPTH) return this.fail('too deep')
    const arraySlots = this.arraySlots(table)
    const hashSlots = 2 ** (bytes[table + LOG2_HASH_OFFSET] as number)
    this.slotsLeft -= arraySlots + hashSlots
    if (this.slotsLeft < 0) return this.fail('too large')
    this.check(words[(table + ARRAY_OFFSET) >>> 2] as number, arraySlots * SLOT_BYTES)
    this.check(words[(table + HASH_OFFSET) >>> 2] as number, hashSlots * NODE_BYTES)

    TABLES[depth] = table
    this.depth = depth + 1
    this.items = 0
    this.pairs = 0
    const isLarge = arraySlots > MAX_SMALL_COUNT || hashSlots > MAX_SMALL_COUNT
    const at = openTable(out, isLarge)
    if (!this.arrayPart(table, arraySlots) || !this.hashPart(table, hashSlots)) return false
    closeTable(out, at, this.items, this.pairs)
    this.depth = depth
    this.items = items
    this.pairs = pairs
    return out.length <= this.end || this.fail('too large')
  }

  private arraySlots(table: Pointer): number {
    const limit = this.words[(table + ARRAY_LIMIT_OFFSET) >>> 2] as number
    const isHint = ((this.bytes[table + FLAGS_OFFSET] as number) & LIMIT_IS_HINT) !== 0
    return isHint && limit > 1 ? 2 ** (32 - Math.clz32(limit - 1)) : limit
  }

  private arrayPart(table: Pointer, slots: number): boolean {
    const { bytes } = this
    const start = this.words[(table + ARRAY_OFFSET) >>> 2] as number
    for (let i = 0; i < slots; i++) {
      const at = start + i * SLOT_BYTES
      const tag = bytes[at + TAG_OFFSET] as number
      if ((tag & TYPE_BITS) === LUA_NIL) continue
      if (this.items === i) this.items++
      else this.indexKey(i + 1)
      if (this.value(tag, at)) continue
      return this.failAt(`[${i + 1}]`)
    }
    return true
  }

  private indexKey(index: number): void {
    const out = this.out
    out.reserve(5)
    out.bytes[out.length] = TAG_INT32
    out.view.setInt32(out.length + 1, index, true)
    out.length += 5
    this.pairs++
  }

  private hashPart(table: Pointer, slots: number): boolean {
    const { bytes } = this
    const start = this.words[(table + HASH_OFFSET) >>> 2] as number
    for (let i = 0; i < slots; i++) {
      const node = start + i * NODE_BYTES
      const tag = bytes[node + TAG_OFFSET] as number
      if ((tag & TYPE_BITS) === LUA_NIL) continue
      const keyTag = bytes[node + NODE_KEY_TAG_OFFSET] as number
      if (!this.key(keyTag, node + NODE_KEY_OFFSET)) return false
      if (this.value(tag, node)) continue
      return this.failAt(keyPart(bytes, keyTag, node + NODE_KEY_OFFSET))
    }
    return true
  }

  private key(tag: number, at: Pointer): boolean {
    if (tag === LUA_INTEGER && this.pairs === 0 && this.isNextItem(at)) {
      this.items++
      return true
    }
    this.pairs++
    if (tag !== LUA_TABLE && this.value(tag, at)) return true
    if (tag === LUA_TABLE || this.failure.startsWith('unsupported')) {
      this.failure = `unsupported type ${typeNameOf(tag)} as a key`
    }
    return false
  }

  private isNextItem(at: Pointer): boolean {
    return this.words[at >>> 2] === this.items + 1 && this.words[(at + 4) >>> 2] === 0
  }
}

/** Address of the value at a stack index, upvalues and registry excepted; 0 where the stack has none. */
function slotOf(vm: Vm, L: LuaState, index: number): Pointer {
  const top = vm.words[(L + TOP_OFFSET) >>> 2] as number
  if (index < 0) return top + index * SLOT_BYTES
  const slot = (vm.words[(vm.words[(L + CI_OFFSET) >>> 2] as number) >>> 2] as number) + index * SLOT_BYTES
  return slot < top ? slot : 0
}

/**
 * Appends the value at a stack index (not a pseudo-index) to `out`; no value counts as nil. Raw: no metamethod runs,
 * nothing is changed, nothing raises.
 * @param maxBytes the most that the value may take in `out`
 * @returns undefined, or why not: `unsupported type function at .a.b`, `cycle at .x`, `too deep`, `too large`;
 *   `out.length` is as before then
 */
export function encodeStack(
  vm: Vm,
  L: LuaState,
  index: number,
  out: ByteWriter,
  maxBytes: number,
): string | undefined {
  const start = out.length
  const encoder = new StackEncoder(vm, out, maxBytes)
  const slot = slotOf(vm, L, index)
  const tag = slot === 0 ? LUA_NIL : (vm.bytes[slot + TAG_OFFSET] as number)
  if (encoder.value(tag, slot)) return undefined
  out.length = start
  const { failure, path } = encoder
  return failure.startsWith('too ') || path === undefined ? failure : `${failure} at ${joinPath(path)}`
}
