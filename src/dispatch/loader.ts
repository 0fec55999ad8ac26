// From sources to images: equal sources of equal name are loaded once, whoever asks at the same time shares the wait.
//
// A caller's signal ends that caller's wait. When it was the last one, the load itself is aborted, by a signal of its
// own: whoever asks for the image from then on begins anew.

import { RUN_KINDS } from '../shared/run-queue.js'
import type { AbortSignals } from './abort-signals.js'
import type { AbortSignalLike, ImageKind, ImageRef, LoadRequest } from './contract.js'
import type { Image, Images } from './images.js'
import { HOST, type RunInput } from './run.js'
import { abortedError } from './run-errors.js'

const NO_BYTES = new Uint8Array(0)

/** A load that is not over. */
interface Load {
  readonly abortion: AbortController
  waiting: number
}

export class Loader {
  readonly #images: Images
  readonly #signals: AbortSignals
  readonly #accept: (input: RunInput) => Promise<unknown>
  readonly #loads = new Map<Image, Load>()

  /** `accept` runs a load on some worker and settles with it. */
  constructor(images: Images, signals: AbortSignals, accept: (input: RunInput) => Promise<unknown>) {
    this.#images = images
    this.#signals = signals
    this.#accept = accept
  }

  /** Gives a pinned image; rejects with what the load was rejected with. */
  async load(request: LoadRequest): Promise<ImageRef> {
    const { signal, name } = request
    if (signal?.aborted) throw abortedError(name, signal)
    const key = imageKey(request.digest, name, request.kind)
    const image = this.#images.find(key) ?? this.#build(key, request)
    this.#images.pin(image)
    try {
      await this.#wait(image, signal)
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

  #wait(image: Image, signal: AbortSignalLike | undefined): Promise<void> {
    const load = this.#loads.get(image)
    if (load === undefined) return image.ready
    load.waiting++
    if (signal === undefined) return image.ready
    const onAbort = (reject: (error: Error) => void): void => {
      reject(abortedError(image.name, signal))
      this.#leave(image, load)
    }
    return this.#signals.guard<void>(signal, onAbort, (resolve, reject) => {
      image.ready.then(resolve, reject)
    })
  }

  #leave(image: Image, load: Load): void {
    load.waiting--
    if (load.waiting > 0) return
    this.#images.forget(image)
    load.abortion.abort()
  }

  #build(key: string, { kind, name, prefix, timeoutMs, source }: LoadRequest): Image {
    const load = { abortion: new AbortController(), waiting: 0 }
    const image = this.#images.create(key, kind, name, async (built) => {
      try {
        await this.#accept({
          kind: RUN_KINDS.indexOf(kind === 'script' ? 'loadScript' : 'loadChunk'),
          tenant: kind === 'script' ? HOST : prefix,
          hadTurn: false,
          image: built,
          timeoutMs,
          source,
          functionName: NO_BYTES,
          argumentCount: 0,
          argumentBytes: NO_BYTES,
          extras: { signal: load.abortion.signal, context: undefined, onPrint: undefined },
        })
        this.#images.keepSource(built, source)
      } finally {
        this.#loads.delete(built)
      }
    })
    this.#loads.set(image, load)
    return image
  }
}

function imageKey(digest: string, name: string, kind: ImageKind): string {
  return `${kind}:${digest}:${name}`
}
