// The one file that knows the package wasmoon: it is the supplier of a Lua 5.4 compiled to wasm, nothing else of it
// is used. Offsets and addresses all over this room belong to exactly these bytes, so their digest is checked.
//
// The memory section is replaced before compiling:
//
//   as published   05 07  01 00 …        one memory, minimum 256 pages, growing to 2 GiB
//   as we compile  05 ..  01 03 min max  the same, shared between threads, at most the VM's memory limit

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createError } from '../../src/errors.js'
import { LIMITS_SHARED_WITH_MAXIMUM, list, PREAMBLE, SECTION, section, unsigned } from './wasm-format.js'

const WASM_SHA256 = '95f3f19ddb740125883bc41d5ec670cd0828e7b58c8bdad385323cbff497b55c'
export const PAGE_BYTES = 65_536
/** Static data and the shadow stack end at 1,083,712; the rest is the first heap. */
export const MIN_PAGES = 32
const MAX_PAGES = 32_768

function readPublishedBytes(): Buffer {
  let bytes: Buffer
  try {
    bytes = readFileSync(createRequire(import.meta.url).resolve('wasmoon/dist/glue.wasm'))
  } catch (cause) {
    throw createError(
      'MOONPOOL_START',
      'wasmoon/dist/glue.wasm cannot be read: install the dependencies again',
      { cause },
    )
  }
  const digest = createHash('sha256').update(bytes).digest('hex')
  if (digest !== WASM_SHA256) {
    throw createError(
      'MOONPOOL_START',
      `wasmoon/dist/glue.wasm has SHA-256 ${digest}, but this version works with ${WASM_SHA256} only: install wasmoon 1.16.0`,
    )
  }
  return bytes
}

function readLeb128(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0
  let shift = 0
  for (let next = at; ; shift += 7) {
    const byte = bytes[next++] as number
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return { value: value >>> 0, next }
  }
}

/** The same module with a shared memory of at most `maxPages`. */
function withSharedMemory(bytes: Uint8Array, maxPages: number): Uint8Array {
  for (let at = PREAMBLE.length; at < bytes.length; ) {
    const { value: sectionBytes, next } = readLeb128(bytes, at + 1)
    if (bytes[at] !== SECTION.memory) {
      at = next + sectionBytes
      continue
    }
    const limits = [LIMITS_SHARED_WITH_MAXIMUM, ...unsigned(MIN_PAGES), ...unsigned(maxPages)]
    const memory = Buffer.from(section(SECTION.memory, list([limits])))
    return Buffer.concat([bytes.subarray(0, at), memory, bytes.subarray(next + sectionBytes)])
  }
  throw createError('MOONPOOL_START', 'wasmoon/dist/glue.wasm has no memory section')
}

/**
 * Compiles Lua for VMs of at most `memoryBytes` (bytes, rounded down to 64 KiB; 2 MiB … 2 GiB). The module can be
 * posted to other threads. Throws `MOONPOOL_START` when the wasm is not the one this version was made for.
 */
export function compileLua(memoryBytes: number): WebAssembly.Module {
  const maxPages = Math.floor(memoryBytes / PAGE_BYTES)
  if (!(maxPages >= MIN_PAGES && maxPages <= MAX_PAGES)) {
    throw createError(
      'MOONPOOL_START',
      `limits.memoryBytes is ${memoryBytes}, but a VM needs ${MIN_PAGES * PAGE_BYTES} to ${MAX_PAGES * PAGE_BYTES} bytes`,
    )
  }
  const bytes = withSharedMemory(readPublishedBytes(), maxPages)
  try {
    return new WebAssembly.Module(bytes)
  } catch (cause) {
    throw createError('MOONPOOL_START', 'the Lua module does not compile with a shared memory', { cause })
  }
}
