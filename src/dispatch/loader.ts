// From sources to images: equal sources of equal name are loaded once, whoever asks at the same time shares the wait.

import { RUN_KINDS } from '../shared/run-queue.js'
import type { ImageKind, ImageRef, LoadRequest } from './contract.js'
import type { Image, Images } from './images.js'
import type { RunInput } from './run.js'

const NO_BYTES = new Uint8Array(0)

export class Loader {
  readonly #images: Images
  readonly #accept: (input: RunInput) => Promise<unknown>

  /** `accept` runs a load on some worker and settles with it. */
  constructor(images: Images, accept: (input: RunInput) => Promise<unknown>) {
    this.#images = images
    this.#accept = accept
  }

  /** Gives a pinned image; rejects with what the load was rejected with. */
  async load(request: LoadRequest): Promise<ImageRef> {
    const key = imageKey(request.digest, request.name, request.kind)
    const image = this.#images.find(key) ?? this.#build(key, request)
    this.#images.pin(image)
    try {
      await image.ready
    } catch (error) {
      this.#images.unpin(image)
      throw error
    }
    return image
  }

  find(digest: string, name: string, kind: ImageKind): ImageRef | undefined {
    const image = this.#images.find(imageKey(digest, name, kind))
    return image?.isReady ? image : undefined
  }

  release(image: ImageRef): void {
    this.#images.unpin(image as Image)
  }

  #build(key: string, { kind, name, timeoutMs, source }: LoadRequest): Image {
    const position = RUN_KINDS.indexOf(kind === 'script' ? 'loadScript' : 'loadChunk')
    return this.#images.create(key, kind, name, async (image) => {
      const nothing = { functionName: NO_BYTES, argumentCount: 0, argumentBytes: NO_BYTES }
      await this.#accept({ kind: position, image, timeoutMs, source, ...nothing })
      if (source.length <= image.sizeBytes) image.source = source
    })
  }
}

function imageKey(digest: string, name: string, kind: ImageKind): string {
  return `${kind}:${digest}:${name}`
}
