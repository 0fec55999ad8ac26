// A VM with a Lua stack to try the codec on. Sources run by Lua's own `load`, everything by raw calls.

import assert from 'node:assert/strict'
import { ByteWriter, decodeValue, type LuaValue } from '../../src/shared/values.js'
import { LUA_MULTRET, LUA_OK, type LuaState } from '../../workers/vm/lua.js'
import { createBaseState } from '../../workers/vm/sandbox.js'
import { encodeStack, pushValue } from '../../workers/vm/stack-values.js'
import { readText, writeCString } from '../../workers/vm/text.js'
import { type HostFunction, Vm } from '../../workers/vm/vm.js'
import { compileLua } from '../../workers/vm/wasm.js'
import { encode, MIB } from './encoding.js'

export class LuaStack {
  readonly vm: Vm
  readonly L: LuaState
  /** What the global function `os.clock` does. */
  host: HostFunction = () => 0

  constructor(memoryBytes: number = 64 * MIB) {
    const nothing = (): number => 0
    this.vm = new Vm(compileLua(memoryBytes), () => ({
      print: nothing,
      clock: (L) => this.host(L),
      cacheGet: nothing,
      cacheFind: nothing,
      cachePut: nothing,
      cachePutTtl: nothing,
      cachePutShort: nothing,
    }))
    createBaseState(this.vm, [])
    this.L = this.vm.mainState
  }

  get top(): number {
    return this.vm.lua.lua_gettop(this.L)
  }

  clear(): void {
    this.vm.lua.lua_settop(this.L, 0)
  }

  push(value: unknown): void {
    const bytes = encode(value, 64 * MIB)
    const at = { offset: 0 }
    pushValue(this.vm, this.L, bytes, at)
    assert.equal(at.offset, bytes.length)
  }

  /** Runs a chunk with these arguments and leaves its results on the stack; gives their number. */
  run(source: string, ...args: unknown[]): number {
    const { vm, L } = this
    const height = this.top
    vm.lua.lua_getglobal(L, writeCString(vm, 'load'))
    this.push(source)
    assert.equal(vm.lua.lua_pcallk(L, 1, LUA_MULTRET, 0, 0, 0), LUA_OK)
    assert.equal(this.top, height + 1, `${source} has no error`)
    for (const arg of args) this.push(arg)
    const status = vm.lua.lua_pcallk(L, args.length, LUA_MULTRET, 0, 0, 0)
    if (status !== LUA_OK) throw new Error(readText(vm, L, -1, 1000))
    return this.top - height
  }

  /** What the host gets for the value on top of the stack. */
  read(): LuaValue {
    const out = new ByteWriter()
    assert.equal(encodeStack(this.vm, this.L, -1, out, 64 * MIB), undefined)
    const at = { offset: 0 }
    const value = decodeValue(out.slice(), at)
    assert.equal(at.offset, out.length)
    return value
  }

  /** The first result of a chunk as the host gets it. */
  evaluate(source: string, ...args: unknown[]): LuaValue {
    const height = this.top
    assert.equal(this.run(source, ...args) > 0, true, 'the chunk returns something')
    this.vm.lua.lua_settop(this.L, height + 1)
    const value = this.read()
    this.vm.lua.lua_settop(this.L, height)
    return value
  }

  /** Why the first result of a chunk cannot be encoded. Writer and stack must be as before. */
  refusal(source: string, maxBytes: number = MIB): string | undefined {
    const height = this.top
    this.run(source)
    this.vm.lua.lua_settop(this.L, height + 1)
    const out = new ByteWriter()
    out.u8(77)
    const reason = encodeStack(this.vm, this.L, height + 1, out, maxBytes)
    if (reason !== undefined) assert.deepEqual([...out.slice()], [77])
    assert.equal(this.top, height + 1)
    this.vm.lua.lua_settop(this.L, height)
    return reason
  }
}
