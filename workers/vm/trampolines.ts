// JavaScript functions for Lua's function table. The table takes wasm functions only, so each JavaScript function
// goes through a module of a few bytes that imports it and exports it again. One module per type, compiled once.

export type Trampoline = (f: (...args: number[]) => number | undefined) => unknown

const I32 = 0x7f

/** (type $t) (import "m" "f" (func (type $t))) (export "f" (func 0)) */
function moduleBytes(parameters: number, results: number): Uint8Array {
  const type = [1, 0x60, parameters, ...Array(parameters).fill(I32), results, ...Array(results).fill(I32)]
  const section = (id: number, body: number[]): number[] => [id, body.length, ...body]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, type),
    ...section(2, [1, 1, 0x6d, 1, 0x66, 0, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]),
  ])
}

function createTrampoline(parameters: number, results: number): Trampoline {
  let module: WebAssembly.Module | undefined
  return (f) => {
    module ??= new WebAssembly.Module(moduleBytes(parameters, results))
    return new WebAssembly.Instance(module, { m: { f } }).exports.f
  }
}

/** lua_CFunction: (L) → number of results */
export const wrapHostFunction: Trampoline = createTrampoline(1, 1)
/** lua_Reader: (L, data, sizePointer) → block */
export const wrapReader: Trampoline = createTrampoline(3, 1)
/** lua_Hook: (L, activation record) */
export const wrapHook: Trampoline = createTrampoline(2, 0)
