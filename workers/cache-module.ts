// The `cache` table of scripts: checks what it is given as Lua's own libraries do, and turns it into reads and writes.
//
// Misuse raises; what cannot be done gives false and a reason. The prefix is the run's, known to main, and nothing here
// can name another.

import { ENTRY_OVERHEAD_BYTES, MAX_TTL_MS } from '../src/limits.js'
import type { CacheRules } from '../src/shared/boot.js'
import { copyBytes } from '../src/shared/copy-bytes.js'
import type { HashedKey } from '../src/shared/key-hash.js'
import { beginPut, endPut, PUT_KEY_AT, putValueAt } from '../src/shared/put-record.js'
import { ALREADY_EXPIRED, expiresAtMs, ttlMsOfSeconds } from '../src/shared/ttl.js'
import * as format from '../src/shared/value-format.js'
import { ByteWriter, type Cursor, endOfValues } from '../src/shared/values.js'
import type { CacheReader, CacheWriter } from './cache-access.js'
import { KeyArgument } from './cache-key.js'
import { LUA_TNIL, LUA_TNONE, LUA_TNUMBER, LUA_TSTRING, type LuaState } from './vm/lua.js'
import { type NativeHost, NOT_FOUND, PUSHED } from './vm/native.js'
import { encodeStack, pushValue, pushValueAt } from './vm/stack-values.js'
import { pushText, raise } from './vm/text.js'
import { typeName } from './vm/type-name.js'
import type { HostFunction, Vm } from './vm/vm.js'

// As locals: V8 reads an imported constant anew at each use.
const TAG_NIL = format.TAG_NIL
const TAG_SHORT_STRING = format.TAG_SHORT_STRING
const TAG_FLOAT = format.TAG_FLOAT

export interface CacheRun {
  /** The run's prefix, as its cell named it when the run was claimed. */
  incarnation: number
  /** Length of the run's prefix; part of every entry's size. */
  prefixBytes: number
  /** While a script's top level runs there is no prefix, hence no cache. */
  isLoading: boolean
  /** Set when the cache was used while loading: what an uncaught error of it is reported as. */
  wasUsedWhileLoading: boolean
}

type CacheFunctionName = 'get' | 'put' | 'put_ttl'

export class CacheModule {
  readonly run: CacheRun = { incarnation: 0, prefixBytes: 0, isLoading: false, wasUsedWhileLoading: false }
  readonly #rules: CacheRules
  /** What reader and writer look for. */
  readonly #key: HashedKey
  readonly #argument = new KeyArgument()
  readonly #reader: CacheReader
  readonly #writer: CacheWriter
  readonly #nowMs: () => number
  readonly #record = new ByteWriter(4096)
  readonly #cursor: Cursor = { offset: 0 }

  constructor(
    rules: CacheRules,
    key: HashedKey,
    reader: CacheReader,
    writer: CacheWriter,
    nowMs: () => number,
  ) {
    this.#rules = rules
    this.#key = key
    this.#reader = reader
    this.#writer = writer
    this.#nowMs = nowMs
  }

  get maxKeyBytes(): number {
    return this.#rules.maxKeyBytes
  }

  /** What the native cache.get looks up here: the key is hashed already. */
  find(vm: Vm): NativeHost['cacheFind'] {
    return (L, hash, address, lengthBytes) => {
      this.#key.setHashed(this.run.incarnation, hash, vm.words, address >>> 2, lengthBytes)
      return this.#find(vm, L)
    }
  }

  /** Of `#key`: bytes of the value, which is in the scratch area; NOT_FOUND, or PUSHED when it is on the stack. */
  #find(vm: Vm, L: LuaState): number {
    const found = this.#reader.find(vm)
    if (found === undefined) return NOT_FOUND
    const { bytes, at } = found
    if (found.address > 0) {
      return this.#rules.nilIsMiss && vm.bytes[found.address] === TAG_NIL ? NOT_FOUND : found.lengthBytes
    }
    if (this.#rules.nilIsMiss && bytes[at] === TAG_NIL) return this.#endFind(NOT_FOUND)
    const sizeBytes = sizeOfValue(bytes, at)
    if (sizeBytes <= vm.scratchBytes) {
      copyBytes(vm.bytes, vm.scratch, bytes, at, sizeBytes)
      return this.#endFind(sizeBytes)
    }
    this.#cursor.offset = at
    pushValue(vm, L, bytes, this.#cursor)
    return this.#endFind(PUSHED)
  }

  #endFind(result: number): number {
    this.#reader.done()
    return result
  }

  /** cache.get(key [, default]) → the value, else the default itself. For the keys that the native one leaves over. */
  get(vm: Vm): HostFunction {
    return (L) => {
      this.#requireRun(vm, L, 'get')
      this.#argument.read(vm, L, 'get')
      let found = NOT_FOUND
      if (this.#argument.lengthBytes <= this.#rules.maxKeyBytes) {
        this.#argument.hashInto(this.#key, vm, this.run.incarnation)
        found = this.#find(vm, L)
      }
      if (found > 0) pushValueAt(vm, L, vm.scratch, found)
      else if (found === NOT_FOUND) {
        if (this.#argument.isAlone) vm.lua.lua_pushnil(L)
        else vm.lua.lua_pushvalue(L, 2)
      }
      return 1
    }
  }

  /** cache.put(key, value) → true, or false and the reason */
  put(vm: Vm): HostFunction {
    return (L) => {
      this.#requireRun(vm, L, 'put')
      this.#argument.read(vm, L, 'put')
      if (vm.lua.lua_type(L, 3) > LUA_TNIL) {
        return raise(vm, L, "bad argument #3 to 'put' (no TTL here: use cache.put_ttl)")
      }
      this.#requireValue(vm, L, 'put')
      return this.#store(vm, L, undefined)
    }
  }

  /** cache.put_ttl(key, value, ttl_seconds) → true, or false and the reason */
  putTtl(vm: Vm): HostFunction {
    return (L) => {
      this.#requireRun(vm, L, 'put_ttl')
      this.#argument.read(vm, L, 'put_ttl')
      this.#requireValue(vm, L, 'put_ttl')
      return this.#store(vm, L, this.#ttlMs(vm, L))
    }
  }

  #requireRun(vm: Vm, L: LuaState, name: CacheFunctionName): void {
    if (!this.run.isLoading) return
    this.run.wasUsedWhileLoading = true
    raise(
      vm,
      L,
      `cache.${name}: not while the script loads (put it inside function main(args), or run the file as a chunk: ` +
        'engine.eval, moonpool run)',
    )
  }

  #requireValue(vm: Vm, L: LuaState, name: CacheFunctionName): void {
    if (vm.lua.lua_type(L, 2) === LUA_TNONE) raise(vm, L, `bad argument #2 to '${name}' (value expected)`)
  }

  /** The third argument of put_ttl: a number, or a string that Lua reads as one. */
  #ttlMs(vm: Vm, L: LuaState): number {
    const { lua } = vm
    const type = lua.lua_type(L, 3)
    const isNumber = type === LUA_TNUMBER || (type === LUA_TSTRING && lua.lua_isnumber(L, 3) !== 0)
    if (!isNumber) {
      raise(vm, L, `bad argument #3 to 'put_ttl' (number expected, got ${typeName(vm, L, 3)})`)
    }
    const seconds = lua.lua_tonumberx(L, 3, 0)
    if (Number.isNaN(seconds)) raise(vm, L, "bad argument #3 to 'put_ttl' (number expected, got nan)")
    return ttlMsOf(seconds)
  }

  /** What the native put and put_ttl store here. */
  putShort(vm: Vm): NativeHost['cachePutShort'] {
    return (hash, address, lengthBytes, valueBytes, v0, v1, v2, ttlSeconds) => {
      const rules = this.#rules
      const ttlMs = Number.isNaN(ttlSeconds) ? undefined : ttlMsOf(ttlSeconds)
      const expires = expiresAtMs(this.#nowMs(), ttlMs, rules)
      const isTooLarge =
        valueBytes > rules.maxValueBytes || this.#entryBytes(lengthBytes, valueBytes) > rules.maxBytes
      if (isTooLarge || expires === ALREADY_EXPIRED) return 0
      this.#key.setHashed(this.run.incarnation, hash, vm.words, address >>> 2, lengthBytes)
      beginPut(this.#record, expires, this.#key)
      endPut(this.#record, valueBytes, v0, v1, v2)
      this.#writer.put(this.#record)
      return 1
    }
  }

  #entryBytes(keyBytes: number, valueBytes: number): number {
    return this.run.prefixBytes + keyBytes + valueBytes + ENTRY_OVERHEAD_BYTES
  }

  #store(vm: Vm, L: LuaState, ttlMs: number | undefined): number {
    const { lengthBytes } = this.#argument
    if (lengthBytes > this.#rules.maxKeyBytes) return refuse(vm, L, 'key too long')
    const record = this.#record
    const expires = expiresAtMs(this.#nowMs(), ttlMs, this.#rules)
    this.#argument.hashInto(this.#key, vm, this.run.incarnation)
    beginPut(record, expires, this.#key)
    const reason = encodeStack(vm, L, 2, record, this.#rules.maxValueBytes)
    if (reason !== undefined) return refuse(vm, L, reason)
    const valueBytes = record.length - putValueAt(lengthBytes)
    if (this.#entryBytes(lengthBytes, valueBytes) > this.#rules.maxBytes) return refuse(vm, L, 'too large')
    if (expires === ALREADY_EXPIRED) {
      this.#writer.delete(record.bytes.subarray(PUT_KEY_AT, PUT_KEY_AT + lengthBytes))
    } else {
      this.#writer.put(record)
    }
    vm.lua.lua_pushboolean(L, 1)
    return 1
  }
}

const SCALAR_BYTES = 9

/** At least the bytes of the value, and no more than lie there with it. */
function sizeOfValue(bytes: Uint8Array, at: number): number {
  const tag = bytes[at] as number
  if (tag >= TAG_SHORT_STRING) return 1 + tag - TAG_SHORT_STRING
  if (tag <= TAG_FLOAT) return Math.min(SCALAR_BYTES, bytes.length - at)
  return endOfValues(bytes, at, 1) - at
}

function ttlMsOf(seconds: number): number {
  return Math.min(ttlMsOfSeconds(seconds), MAX_TTL_MS)
}

function refuse(vm: Vm, L: LuaState, reason: string): number {
  vm.lua.lua_pushboolean(L, 0)
  pushText(vm, L, reason)
  return 2
}
