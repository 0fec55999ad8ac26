// The names of called functions as bytes. Hosts call the same few again and again.

import { type HeldBytes, holdBytes, NO_BYTES } from '../shared/held-bytes.js'

const MAX_KNOWN = 1024

export class FunctionNames {
  readonly #known = new Map<string, HeldBytes>()

  /** The name in UTF-8; not to be changed. */
  bytesOf(name: string): HeldBytes {
    if (name === '') return NO_BYTES
    let bytes = this.#known.get(name)
    if (bytes === undefined) {
      if (this.#known.size >= MAX_KNOWN) this.#known.clear()
      bytes = holdBytes(new TextEncoder().encode(name))
      this.#known.set(name, bytes)
    }
    return bytes
  }
}
