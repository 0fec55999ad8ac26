// The native code of a VM: what is called so often that a call between JavaScript and wasm would be most of its cost. It
// is a wasm module of its own with the VM's memory and Lua's functions, so it stands behind the same fence as Lua.
//
// Written in AssemblyScript, without its runtime: no objects, no memory of its own; all state is a few globals.

export { cacheGet, takeHits, takeMisses } from './cache-get'
export { cachePut, cachePutTtl } from './cache-put'
export { hashKey, setSecret } from './key-hash'
export { newLongString } from './long-string'
export { takeLong } from './long-value'
export { beginRun } from './run'
export { lastFailure, lastFailureAt, pushValues } from './values'
