// A loader without workers: its loads end when the test says so.

import assert from 'node:assert/strict'
import { AbortSignals } from '../../src/dispatch/abort-signals.js'
import type { ImageRef, LoadRequest } from '../../src/dispatch/contract.js'
import { Images } from '../../src/dispatch/images.js'
import { Loader } from '../../src/dispatch/loader.js'
import type { RunInput } from '../../src/dispatch/run.js'
import { createImageArena, imagePlaceBytes } from '../../src/shared/image-arena.js'

/** Of an image without bytes. */
export const PLACE_BYTES: number = imagePlaceBytes(0)
const SOURCE = new Uint8Array(8)

/** All promises that are settled have told so. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A load as a run that was accepted: pinned until it is settled, rejected when its signal aborts. */
class AcceptedLoad {
  readonly input: RunInput
  readonly settled: Promise<unknown>
  readonly #images: Images
  #hasBegun = false
  #isOver = false
  #resolve: (value: unknown) => void = () => {}
  #reject: (error: Error) => void = () => {}

  constructor(input: RunInput, images: Images) {
    this.input = input
    this.#images = images
    this.settled = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    images.pin(input.image)
    input.extras?.signal?.addEventListener('abort', () => {
      if (!this.#hasBegun) void this.fail(new Error('aborted'))
    })
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether there is something to compile. */
  begin(loader: Loader): boolean {
    this.#hasBegun = true
    if (loader.sourceFor(this.input.image) === undefined) return false
    assert.equal(typeof this.#images.reserve(this.input.image, 0), 'number')
    return true
  }

  finish(): Promise<void> {
    this.#close()
    this.#resolve(undefined)
    return turn()
  }

  fail(error: Error): Promise<void> {
    this.#close()
    this.#reject(error)
    return turn()
  }

  #close(): void {
    assert.equal(this.#isOver, false)
    this.#isOver = true
    this.#images.unpin(this.input.image)
  }
}

export class Stage {
  readonly images: Images
  readonly signals = new AbortSignals()
  readonly loader: Loader
  readonly accepted: AcceptedLoad[] = []

  constructor(places = 8, evalScripts = 4) {
    const arenaBytes = places * PLACE_BYTES
    this.images = new Images(createImageArena(arenaBytes), arenaBytes, evalScripts)
    this.loader = new Loader(this.images, this.signals, (input) => {
      const load = new AcceptedLoad(input, this.images)
      this.accepted.push(load)
      return load.settled
    })
  }

  load(prefix: string | undefined, more: Partial<LoadRequest> = {}): Promise<ImageRef> {
    const asked = this.loader.load({
      source: SOURCE,
      digest: 'd',
      name: 'n',
      kind: 'chunk',
      prefix,
      timeoutMs: 100,
      signal: undefined,
      ...more,
    })
    asked.catch(() => {})
    return asked
  }

  at(index: number): AcceptedLoad {
    return this.accepted[index] ?? assert.fail(`there are ${this.accepted.length} loads`)
  }

  /** After everybody has let go: `images` chunks are kept, and nothing else is left. */
  assertNothingLeft(images: number): void {
    assert.equal(this.loader.size, 0)
    assert.equal(this.signals.size, 0)
    assert.ok(this.accepted.every(({ isOver }) => isOver))
    assert.equal(this.images.size, images)
    const { pins, heldBytes } = this.images.usage()
    assert.deepEqual({ pins, heldBytes }, { pins: 0, heldBytes: images * PLACE_BYTES })
  }
}

export function release(stage: Stage, images: readonly ImageRef[]): void {
  for (const image of images) stage.loader.release(image)
}
