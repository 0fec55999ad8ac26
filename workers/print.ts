// Lua's print: one message to main per call, the arguments joined by tabs. Bounded per run: what goes beyond
// MAX_PRINT_BYTES is cut, and one last line says so.

import { MAX_PRINT_BYTES } from '../src/limits.js'
import { ByteWriter } from '../src/shared/values.js'
import type { MainLink } from './main-link.js'
import type { LuaState } from './vm/lua.js'
import { stringBytes } from './vm/string-bytes.js'
import type { HostFunction, Vm } from './vm/vm.js'

const TAB = 9
const CUT_NOTICE = Buffer.from(`(more output was cut: a run prints at most ${MAX_PRINT_BYTES} bytes)`)

export class Printer {
  readonly #link: MainLink
  readonly #line = new ByteWriter(1024)
  #printedBytes = 0

  constructor(link: MainLink) {
    this.#link = link
  }

  /** Each run has its own bound. */
  beginRun(): void {
    this.#printedBytes = 0
  }

  /** `print` of one VM. */
  function(vm: Vm): HostFunction {
    return (L) => {
      const count = vm.lua.lua_gettop(L)
      vm.lua.luaL_checkstack(L, count + 1, 0)
      // All conversions first: a __tostring may itself print.
      for (let i = 1; i <= count; i++) vm.lua.luaL_tolstring(L, i, 0)
      if (this.#printedBytes > MAX_PRINT_BYTES) return 0
      this.#collect(vm, L, count)
      const line = this.#line
      this.#printedBytes += line.length + 1
      if (this.#printedBytes > MAX_PRINT_BYTES) {
        line.length = Math.max(0, line.length - (this.#printedBytes - MAX_PRINT_BYTES))
        if (line.length > 0) this.#link.post('print', line.bytes, line.length)
        this.#link.post('print', CUT_NOTICE, CUT_NOTICE.length)
      } else {
        this.#link.post('print', line.bytes, line.length)
      }
      return 0
    }
  }

  /** Joins the converted arguments; no more of them than could ever be shown. */
  #collect(vm: Vm, L: LuaState, count: number): void {
    const line = this.#line
    line.length = 0
    for (let i = 1; i <= count && line.length <= MAX_PRINT_BYTES; i++) {
      if (i > 1) line.u8(TAB)
      const text = stringBytes(vm, L, count + i)
      line.raw(text.subarray(0, MAX_PRINT_BYTES + 1))
    }
  }
}
