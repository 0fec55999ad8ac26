// The writer that values are encoded into before they are copied on: one for many calls, as long as that is safe.

import { KIB } from './limits.js'
import { ByteWriter } from './shared/values.js'

/** A writer that grew beyond this for one large value is not kept. */
const KEPT_BYTES = 64 * KIB

export class SpareWriter {
  #writer = new ByteWriter()

  /** An empty writer; what it holds is valid until the next `take`. */
  take(): ByteWriter {
    // Getters of the caller run while a value is encoded; one that comes back here must find another writer.
    if (this.#writer.inUse || this.#writer.bytes.length > KEPT_BYTES) this.#writer = new ByteWriter()
    this.#writer.length = 0
    return this.#writer
  }
}
