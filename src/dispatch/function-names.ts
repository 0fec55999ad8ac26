// The names of called functions as bytes. Hosts call the same few again and again.

const MAX_KNOWN = 1024
const NO_BYTES = new Uint8Array(0)

export class FunctionNames {
  readonly #known = new Map<string, Uint8Array>()

  /** The name in UTF-8; not to be changed. */
  bytesOf(name: string): Uint8Array {
    if (name === '') return NO_BYTES
    let bytes = this.#known.get(name)
    if (bytes === undefined) {
      if (this.#known.size >= MAX_KNOWN) this.#known.clear()
      bytes = new TextEncoder().encode(name)
      this.#known.set(name, bytes)
    }
    return bytes
  }
}
