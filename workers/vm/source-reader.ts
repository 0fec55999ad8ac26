// Feeds a source to lua_load piece by piece through the VM's scratch area: nothing of it is ever allocated in the VM,
// so the image has no hole of its size.

import type { LuaState, Pointer } from './lua.js'

/** What the reader uses of its VM. */
interface ReaderHost {
  readonly bytes: Buffer
  readonly words: Uint32Array
  readonly scratch: Pointer
  readonly scratchBytes: number
}

const NOTHING = new Uint8Array(0)

export class SourceReader {
  readonly #host: ReaderHost
  #source: Uint8Array = NOTHING
  #offset = 0

  constructor(host: ReaderHost) {
    this.#host = host
  }

  begin(source: Uint8Array): void {
    this.#source = source
    this.#offset = 0
  }

  end(): void {
    this.#source = NOTHING
  }

  /** lua_Reader. */
  read = (_L: LuaState, _data: number, sizePointer: Pointer): Pointer => {
    const { bytes, words, scratch, scratchBytes } = this.#host
    const piece = this.#source.subarray(this.#offset, this.#offset + scratchBytes)
    words[sizePointer >>> 2] = piece.length
    this.#offset += piece.length
    bytes.set(piece, scratch)
    return scratch
  }
}
