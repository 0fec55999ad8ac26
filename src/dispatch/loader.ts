// From sources to images: equal sources of equal name are compiled once, and nobody waits in another tenant's line for that.
//
// A load is a run: it waits in the line of the tenant whose eval needs the chunk (a script's in the host's), ends by that
// caller's timeoutMs and is refused where that tenant's line is full. So a caller joins a load that is under way only if
// both are its own as well; any other begins a load of its own. What these others do costs it no time and no error:
//
//   asked for                 joins, or begins a load, which waits in its tenant's line
//   a worker begins it        and asks for the source; if an equal load has made the image by now, it has nothing to do
//   it ends                   the first who waits is given the image: the one that was there, else this load's own
//                             so are the others, or they wait for another load, if images that waiting runs pin are many
//   it fails                  who waits is rejected; equal loads of others go on
//
// So a thousand tenants with one source compile it about as often as there are workers, and each is served at its turn, not
// when the first of them is: a load keeps its place in its line, its turn counts for the eval's run. Who finds the image, but
// may not pin it while it waits (images.ts), begins a load as well: that pins nothing before its turn. So however many sources
// are evaluated by however many tenants at once, waiting runs leave room for what others need.
//
// A caller's signal ends that caller's wait. When it was the last one, the load itself is aborted, by a signal of its
// own: whoever asks for the image from then on begins anew. A load that is over takes no notice of its run any more.

import { NO_ARGUMENTS, NO_BYTES } from '../shared/held-bytes.js'
import { RUN_KINDS } from '../shared/run-queue.js'
import type { AbortSignals } from './abort-signals.js'
import type { AbortSignalLike, ImageKind, ImageRef, LoadRequest } from './contract.js'
import type { Image, Images } from './images.js'
import { HOST, type RunInput, type TenantKey } from './run.js'
import { abortedError } from './run-errors.js'

interface Waiter {
  readonly resolve: (image: ImageRef) => void
  readonly reject: (error: Error) => void
}

/** Who waits for one load, or for the next one of the same when that has served who came before. */
interface Callers {
  readonly waiting: Set<Waiter>
  load: Load | undefined
}

/** A load that is not over. */
interface Load {
  /** Of the image. */
  readonly key: string
  /** Of the load, for those who may join it. */
  readonly joinKey: string
  readonly tenant: TenantKey
  readonly request: LoadRequest
  /** Pinned once, until the load is over. */
  readonly image: Image
  readonly abortion: LoadAbortion
  readonly callers: Callers
  /** What was there when a worker began; pinned, until the load is over. */
  found: Image | undefined
}

/** Aborts a load: an AbortController takes far longer to make and to collect. It has one listener, the intake's. */
class LoadAbortion implements AbortSignalLike {
  aborted = false
  #listener: (() => void) | undefined

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listener = listener
  }

  removeEventListener(): void {
    this.#listener = undefined
  }

  abort(): void {
    this.aborted = true
    this.#listener?.()
  }
}

export class Loader {
  readonly #images: Images
  readonly #signals: AbortSignals
  readonly #accept: (input: RunInput) => Promise<unknown>
  readonly #loads = new Map<string, Load>()
  readonly #byImage = new Map<Image, Load>()

  /** `accept` runs a load on some worker and settles with it, later. */
  constructor(images: Images, signals: AbortSignals, accept: (input: RunInput) => Promise<unknown>) {
    this.#images = images
    this.#signals = signals
    this.#accept = accept
  }

  /** Loads that are not over. */
  get size(): number {
    return this.#loads.size
  }

  /** Gives a pinned image; rejects with what the load was rejected with. */
  async load(request: LoadRequest): Promise<ImageRef> {
    const { digest, name, kind, signal } = request
    if (signal?.aborted) throw abortedError(name, signal)
    const key = imageKey(digest, name, kind)
    const image = this.#images.find(key)
    if (image === undefined || !this.#images.mayWait(image)) {
      const joinKey = joinKeyOf(key, request)
      return this.#wait(this.#loads.get(joinKey) ?? this.#begin(key, joinKey, request), signal)
    }
    this.#images.pin(image)
    return image
  }

  /** An image that the caller's run may pin, however long it will wait. */
  find(digest: string, name: string, kind: ImageKind): ImageRef | undefined {
    const image = this.#images.find(imageKey(digest, name, kind))
    return image !== undefined && this.#images.mayWait(image) ? image : undefined
  }

  release(image: ImageRef): void {
    this.#images.unpin(image as Image)
  }

  /** For the worker that begins the load of this image: undefined when it has nothing to compile any more. */
  sourceFor(image: Image): Uint8Array | undefined {
    const load = this.#byImage.get(image)
    if (load === undefined) return undefined
    load.found = this.#images.find(load.key)
    if (load.found === undefined) return load.request.source
    this.#images.pin(load.found)
    return undefined
  }

  #wait({ callers, image }: Load, signal: AbortSignalLike | undefined): Promise<ImageRef> {
    if (signal === undefined) {
      return new Promise((resolve, reject) => {
        callers.waiting.add({ resolve, reject })
      })
    }
    let waiter: Waiter
    const onAbort = (reject: (error: Error) => void): void => {
      reject(abortedError(image.name, signal))
      this.#leave(callers, waiter)
    }
    return this.#signals.guard<ImageRef>(signal, onAbort, (resolve, reject) => {
      waiter = { resolve, reject }
      callers.waiting.add(waiter)
    })
  }

  #leave({ waiting, load }: Callers, waiter: Waiter): void {
    waiting.delete(waiter)
    if (waiting.size > 0 || load === undefined) return
    this.#end(load)
    load.abortion.abort()
  }

  #begin(key: string, joinKey: string, request: LoadRequest, callers: Callers = noCallers()): Load {
    const { kind, name, prefix, timeoutMs, source } = request
    const load: Load = {
      key,
      joinKey,
      tenant: kind === 'script' ? HOST : prefix,
      request,
      image: this.#images.create(kind, name),
      abortion: new LoadAbortion(),
      callers,
      found: undefined,
    }
    callers.load = load
    this.#loads.set(joinKey, load)
    this.#byImage.set(load.image, load)
    this.#accept({
      kind: RUN_KINDS.indexOf(kind === 'script' ? 'loadScript' : 'loadChunk'),
      tenant: load.tenant,
      hadTurn: false,
      image: load.image,
      timeoutMs,
      source,
      functionName: NO_BYTES,
      args: NO_ARGUMENTS,
      extras: { signal: load.abortion, context: undefined, onPrint: undefined },
    }).then(
      () => this.#onBuilt(load),
      (error) => this.#onFailed(load, error),
    )
    return load
  }

  #onBuilt(load: Load): void {
    if (!this.#byImage.has(load.image)) return
    const image = load.found ?? this.#images.find(load.key) ?? this.#publish(load)
    if (image.kind === 'chunk') {
      image.turnsTaken ??= []
      image.turnsTaken.push(load.tenant)
    }
    // In one step with what found or made it: nothing can drop it before it is pinned.
    this.#serve(load, image)
    this.#end(load)
    const { key, joinKey, request, callers } = load
    if (callers.waiting.size > 0) this.#begin(key, joinKey, request, callers)
  }

  /** The first has had its turn; the others will wait for theirs. */
  #serve({ callers }: Load, image: Image): void {
    const { waiting } = callers
    for (const waiter of waiting) {
      waiting.delete(waiter)
      this.#images.pin(image)
      waiter.resolve(image)
      if (!this.#images.mayWait(image)) return
    }
  }

  #onFailed(load: Load, error: Error): void {
    if (!this.#byImage.has(load.image)) return
    this.#end(load)
    for (const waiter of load.callers.waiting) waiter.reject(error)
  }

  #publish({ key, image, request }: Load): Image {
    this.#images.publish(key, image, request.source)
    return image
  }

  #end(load: Load): void {
    load.callers.load = undefined
    this.#loads.delete(load.joinKey)
    this.#byImage.delete(load.image)
    this.#images.unpin(load.image)
    if (load.found !== undefined) this.#images.unpin(load.found)
  }
}

const noCallers = (): Callers => ({ waiting: new Set(), load: undefined })

function imageKey(digest: string, name: string, kind: ImageKind): string {
  return `${kind}:${digest}:${name}`
}

/** No name holds a line feed. */
function joinKeyOf(key: string, { kind, prefix, timeoutMs }: LoadRequest): string {
  const limits = `${timeoutMs}:${key}`
  return kind === 'script' || prefix === undefined ? limits : `${limits}\n${prefix}`
}
