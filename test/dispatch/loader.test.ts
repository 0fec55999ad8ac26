import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AbortSignals } from '../../src/dispatch/abort-signals.js'
import type { ImageRef, LoadRequest } from '../../src/dispatch/contract.js'
import { type Image, Images } from '../../src/dispatch/images.js'
import { Loader } from '../../src/dispatch/loader.js'
import { HOST, type RunInput } from '../../src/dispatch/run.js'
import { createImageArena, imagePlaceBytes } from '../../src/shared/image-arena.js'

const PLACE_BYTES = imagePlaceBytes(0)
const SOURCE = new Uint8Array(8)

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

class Stage {
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

/** All promises that are settled have told so. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function release(stage: Stage, images: readonly ImageRef[]): void {
  for (const image of images) stage.loader.release(image)
}

test('callers of one tenant and one timeout share a load; others have their own, with their own limits', async () => {
  const stage = new Stage()
  const { accepted } = stage
  const asked = [
    stage.load('a'),
    stage.load('a'),
    stage.load('b'),
    stage.load('a', { timeoutMs: 5 }),
    stage.load(undefined),
    stage.load('a', { name: 'm' }),
  ]
  assert.deepEqual(
    accepted.map(({ input }) => [input.tenant, input.timeoutMs]),
    [
      ['a', 100],
      ['b', 100],
      ['a', 5],
      [undefined, 100],
      ['a', 100],
    ],
  )
  for (const load of accepted) {
    load.begin(stage.loader)
    await load.finish()
  }
  const images = await Promise.all(asked)
  assert.equal(new Set(images).size, 2)
  assert.equal(stage.images.usage().pins, 6)
  release(stage, images)
  stage.assertNothingLeft(2)
})

test('scripts are the host’s own: they share whatever prefix is given', async () => {
  const stage = new Stage()
  const asked = [stage.load('a', { kind: 'script' }), stage.load('b', { kind: 'script' })]
  assert.deepEqual(
    stage.accepted.map(({ input }) => input.tenant),
    [HOST],
  )
  stage.at(0).begin(stage.loader)
  await stage.at(0).finish()
  const images = await Promise.all(asked)
  assert.deepEqual((images[0] as Image).turnsTaken, [])
  release(stage, images)
  stage.assertNothingLeft(0)
})

test('a load that begins when the image is there compiles nothing, and its turn counts for its own tenant', async () => {
  const stage = new Stage()
  const asked = [stage.load('a'), stage.load('b')]
  assert.ok(stage.at(1).begin(stage.loader), 'whoever is first')
  await stage.at(1).finish()
  assert.equal(stage.at(0).begin(stage.loader), false)
  assert.equal(stage.images.usage().heldBytes, PLACE_BYTES)
  await stage.at(0).finish()
  const [image, other] = await Promise.all(asked)
  assert.equal(image, other)
  assert.deepEqual((image as Image).turnsTaken, ['b', 'a'])
  release(stage, await Promise.all(asked))
  stage.assertNothingLeft(1)
})

test('two that compile at once: the first image serves both, the other gives its room back', async () => {
  const stage = new Stage()
  const asked = [stage.load('a'), stage.load('b')]
  for (const load of stage.accepted) assert.ok(load.begin(stage.loader))
  assert.equal(stage.images.usage().heldBytes, 2 * PLACE_BYTES)
  await stage.at(0).finish()
  await stage.at(1).finish()
  const images = await Promise.all(asked)
  assert.equal(images[0], images[1])
  release(stage, images)
  stage.assertNothingLeft(1)
})

test('what was found when a worker began stays until the load ends, whatever makes room meanwhile', async () => {
  const stage = new Stage(8, 1)
  const asked = [stage.load('a'), stage.load('b')]
  stage.at(0).begin(stage.loader)
  await stage.at(0).finish()
  const first = await (asked[0] as Promise<ImageRef>)
  assert.equal(stage.at(1).begin(stage.loader), false)
  release(stage, [first])
  const other = stage.load('c', { name: 'other' })
  stage.at(2).begin(stage.loader)
  await stage.at(2).finish()
  release(stage, [await other])
  assert.equal(stage.loader.find('d', 'n', 'chunk'), first)
  await stage.at(1).finish()
  assert.equal(await asked[1], first)
  release(stage, [first])
  stage.assertNothingLeft(1)
})

test('a chunk that was dropped before a load’s turn came is compiled by it', async () => {
  const stage = new Stage(8, 0)
  const asked = [stage.load('a'), stage.load('b')]
  for (const [index, load] of stage.accepted.entries()) {
    assert.ok(load.begin(stage.loader))
    await load.finish()
    release(stage, [await (asked[index] as Promise<ImageRef>)])
  }
  stage.assertNothingLeft(0)
})

test('a load that fails rejects its own callers', async () => {
  const stage = new Stage()
  const asked = [stage.load('a'), stage.load('a'), stage.load('b')]
  await stage.at(0).fail(new Error('full'))
  for (const failed of asked.slice(0, 2)) await assert.rejects(failed, /full/)
  const again = stage.load('a')
  assert.equal(stage.accepted.length, 3)
  assert.ok(stage.at(1).begin(stage.loader))
  await stage.at(1).fail(new Error('late'))
  await assert.rejects(asked[2] as Promise<ImageRef>, /late/)
  assert.ok(stage.at(2).begin(stage.loader))
  await stage.at(2).finish()
  release(stage, [await again])
  stage.assertNothingLeft(1)
})

test('a signal ends its caller’s wait, and the load with the last of its own callers', async () => {
  const stage = new Stage()
  const [first, second] = [new AbortController(), new AbortController()]
  const asked = [
    stage.load('a', { signal: first.signal }),
    stage.load('a', { signal: second.signal }),
    stage.load('b'),
  ] as const
  first.abort('one')
  await assert.rejects(asked[0], { code: 'MOONPOOL_ABORTED', cause: 'one' })
  assert.equal(stage.at(0).isOver, false)
  second.abort('two')
  await assert.rejects(asked[1], { code: 'MOONPOOL_ABORTED', cause: 'two' })
  assert.equal(stage.at(0).isOver, true)
  assert.equal(stage.loader.size, 1)
  stage.at(1).begin(stage.loader)
  await stage.at(1).finish()
  release(stage, [await asked[2]])
  stage.assertNothingLeft(1)
})

test('a load that nobody waits for leaves nothing, also when a worker has begun it, found the image, or ends it well', async () => {
  const stage = new Stage()
  const other = stage.load('b')
  const controllers = ['a', 'c', 'd'].map((tenant) => {
    const controller = new AbortController()
    void stage.load(tenant, { signal: controller.signal })
    return controller
  })
  assert.ok(stage.at(1).begin(stage.loader))
  stage.at(0).begin(stage.loader)
  await stage.at(0).finish()
  assert.equal(stage.at(2).begin(stage.loader), false)
  for (const controller of controllers) controller.abort()
  assert.equal(stage.at(3).isOver, true)
  assert.equal(stage.loader.sourceFor(stage.at(1).input.image), undefined, 'nobody waits')
  await stage.at(1).finish()
  await stage.at(2).fail(new Error('stopped'))
  release(stage, [await other])
  stage.assertNothingLeft(1)
})
