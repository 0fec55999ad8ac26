// The C API of Lua 5.4 as the wasm exports it: raw pointers, no checks.
//
// Three rules that the compiler cannot see:
// - After more than 20 pushes call lua_checkstack first. The API does not look; an overflow corrupts the VM.
// - A call that can raise (most that allocate) throws `LONGJMP` through the JavaScript frames to the nearest
//   protected call. A `catch` on the way must rethrow it. Outside of any protected call it aborts the VM.
// - lua_tolstring turns a number on the stack into a string: look at lua_type first.

/** Address of a lua_State. */
export type LuaState = number
/** Address in VM memory; 0 is NULL. */
export type Pointer = number
/** C boolean: 0 is false. */
export type Flag = number

export const LUA_OK = 0
export const LUA_YIELD = 1
export const LUA_ERRRUN = 2
export const LUA_ERRMEM = 4

export const LUA_TNONE = -1
export const LUA_TNIL = 0
export const LUA_TBOOLEAN = 1
export const LUA_TLIGHTUSERDATA = 2
export const LUA_TNUMBER = 3
export const LUA_TSTRING = 4
export const LUA_TTABLE = 5
export const LUA_TFUNCTION = 6
export const LUA_TUSERDATA = 7
export const LUA_TTHREAD = 8

export const LUA_MULTRET = -1
export const LUA_REGISTRYINDEX = -1_001_000
export const LUA_RIDX_GLOBALS = 2
export const LUA_MASKCOUNT = 8

/** What Lua's longjmp looks like in JavaScript: the number Infinity, thrown. */
export const LONGJMP: number = Number.POSITIVE_INFINITY

export interface Lua {
  // state
  luaL_newstate(): LuaState
  lua_close(L: LuaState): void
  lua_newthread(L: LuaState): LuaState
  lua_resetthread(L: LuaState): number
  lua_status(L: LuaState): number
  lua_atpanic(L: LuaState, functionIndex: number): number
  lua_sethook(L: LuaState, functionIndex: number, mask: number, count: number): void

  // stack
  lua_absindex(L: LuaState, index: number): number
  lua_gettop(L: LuaState): number
  lua_settop(L: LuaState, index: number): void
  lua_pushvalue(L: LuaState, index: number): void
  lua_rotate(L: LuaState, index: number, n: number): void
  lua_copy(L: LuaState, from: number, to: number): void
  lua_checkstack(L: LuaState, n: number): Flag
  lua_xmove(from: LuaState, to: LuaState, n: number): void

  // reading
  lua_type(L: LuaState, index: number): number
  lua_isinteger(L: LuaState, index: number): Flag
  lua_isnumber(L: LuaState, index: number): Flag
  lua_isstring(L: LuaState, index: number): Flag
  lua_iscfunction(L: LuaState, index: number): Flag
  lua_tonumberx(L: LuaState, index: number, isNumber: Pointer): number
  lua_tointegerx(L: LuaState, index: number, isInteger: Pointer): bigint
  lua_toboolean(L: LuaState, index: number): Flag
  lua_tolstring(L: LuaState, index: number, length: Pointer): Pointer
  lua_rawlen(L: LuaState, index: number): number
  lua_tocfunction(L: LuaState, index: number): number
  lua_touserdata(L: LuaState, index: number): Pointer
  lua_tothread(L: LuaState, index: number): LuaState
  lua_topointer(L: LuaState, index: number): Pointer
  lua_rawequal(L: LuaState, a: number, b: number): Flag
  lua_compare(L: LuaState, a: number, b: number, operator: number): Flag
  lua_stringtonumber(L: LuaState, text: Pointer): number

  // pushing
  lua_pushnil(L: LuaState): void
  lua_pushnumber(L: LuaState, value: number): void
  lua_pushinteger(L: LuaState, value: bigint): void
  lua_pushlstring(L: LuaState, bytes: Pointer, length: number): Pointer
  lua_pushstring(L: LuaState, text: Pointer): Pointer
  lua_pushcclosure(L: LuaState, functionIndex: number, upvalues: number): void
  lua_pushboolean(L: LuaState, value: Flag): void
  lua_pushlightuserdata(L: LuaState, address: Pointer): void
  lua_pushthread(L: LuaState): Flag

  // tables; the plain ones may run metamethods, the raw ones never
  lua_createtable(L: LuaState, items: number, pairs: number): void
  lua_getglobal(L: LuaState, name: Pointer): number
  lua_setglobal(L: LuaState, name: Pointer): void
  lua_getfield(L: LuaState, index: number, name: Pointer): number
  lua_setfield(L: LuaState, index: number, name: Pointer): void
  lua_rawget(L: LuaState, index: number): number
  lua_rawgeti(L: LuaState, index: number, n: bigint): number
  lua_rawset(L: LuaState, index: number): void
  lua_rawseti(L: LuaState, index: number, n: bigint): void
  lua_next(L: LuaState, index: number): Flag
  lua_getmetatable(L: LuaState, index: number): Flag
  lua_setmetatable(L: LuaState, index: number): Flag
  lua_newuserdatauv(L: LuaState, sizeBytes: number, values: number): Pointer
  lua_getupvalue(L: LuaState, functionAt: number, n: number): Pointer
  lua_setupvalue(L: LuaState, functionAt: number, n: number): Pointer

  // running
  lua_callk(L: LuaState, args: number, results: number, context: number, continuation: number): void
  lua_pcallk(
    L: LuaState,
    args: number,
    results: number,
    handler: number,
    context: number,
    continuation: number,
  ): number
  /** `reader` is a function-table index of type (L, data, sizePointer) → block; `mode` a C string. */
  lua_load(L: LuaState, reader: number, data: number, chunkName: Pointer, mode: Pointer): number
  /** Writes the number of results to `resultCount` (i32). */
  lua_resume(L: LuaState, from: LuaState, args: number, resultCount: Pointer): number
  lua_yieldk(L: LuaState, results: number, context: number, continuation: number): number
  lua_isyieldable(L: LuaState): Flag
  /** Raises the value on top of the stack. Never returns. */
  lua_error(L: LuaState): number
  lua_concat(L: LuaState, n: number): void
  luaL_where(L: LuaState, level: number): void
  /** Raises `bad argument #n to 'f' (message)`. Never returns. */
  luaL_argerror(L: LuaState, argument: number, message: Pointer): number
  /** Raises `bad argument #n to 'f' (typeName expected, got …)`. Never returns. */
  luaL_typeerror(L: LuaState, argument: number, typeName: Pointer): number
  luaL_checklstring(L: LuaState, argument: number, length: Pointer): Pointer
  luaL_optlstring(L: LuaState, argument: number, otherwise: Pointer, length: Pointer): Pointer
  /** Pushes the value as text; may run __tostring. */
  luaL_tolstring(L: LuaState, index: number, length: Pointer): Pointer
  luaL_checkinteger(L: LuaState, argument: number): bigint
  luaL_checknumber(L: LuaState, argument: number): number
  /** Raises `stack overflow` when that many more values do not fit; `message` may be NULL. */
  luaL_checkstack(L: LuaState, n: number, message: Pointer): void
  luaL_checktype(L: LuaState, argument: number, type: number): void
  luaL_checkany(L: LuaState, argument: number): void
  /** Pushes the traceback of `of` on to `L`; `message` may be NULL. */
  luaL_traceback(L: LuaState, of: LuaState, message: Pointer, level: number): void

  // opening; each pushes its table
  luaL_requiref(L: LuaState, name: Pointer, open: number, global: Flag): void
  luaopen_base(L: LuaState): number
  luaopen_coroutine(L: LuaState): number
  luaopen_table(L: LuaState): number
  luaopen_string(L: LuaState): number
  luaopen_math(L: LuaState): number
  luaopen_utf8(L: LuaState): number
  luaopen_os(L: LuaState): number
  luaopen_debug(L: LuaState): number

  // memory
  malloc(sizeBytes: number): Pointer
  free(address: Pointer): void
  stackSave(): Pointer
  stackRestore(address: Pointer): void
  stackAlloc(sizeBytes: number): Pointer
}

/** What only the loader calls, beside the memory and the function table. */
export interface LuaRuntime {
  readonly memory: WebAssembly.Memory
  readonly __indirect_function_table: WebAssembly.Table
  emscripten_stack_init(): void
  __wasm_call_ctors(): void
  setThrew(threw: number, value: number): void
  __errno_location(): Pointer
}
