import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Image, Images } from '../../src/dispatch/images.js'
import { createImageArena, IMAGE_ALIGNMENT, imagePlaceBytes } from '../../src/shared/image-arena.js'

const PLACE_BYTES = imagePlaceBytes(0)

/** Images whose load ends when the test says so. */
class Shelf {
  readonly arena: SharedArrayBuffer
  readonly images: Images
  readonly #ends = new Map<Image, (error?: Error) => void>()
  #lastKey = 0

  constructor(arenaBytes = 64 * PLACE_BYTES, evalScripts = 3) {
    this.arena = createImageArena(arenaBytes)
    this.images = new Images(this.arena, arenaBytes, evalScripts)
  }

  /** A pinned image that is being built. */
  create(kind: Image['kind'], key = `key-${++this.#lastKey}`): Image {
    const image = this.images.create(key, kind, key, (built) => {
      return new Promise((resolve, reject) => {
        this.#ends.set(built, (error) => (error ? reject(error) : resolve()))
      })
    })
    image.ready.catch(() => {})
    this.images.pin(image)
    return image
  }

  async end(image: Image, error?: Error): Promise<void> {
    await Promise.resolve()
    this.#ends.get(image)?.(error)
    await image.ready.catch(() => {})
  }

  /** A ready image with room of its own that its caller has let go. */
  async build(kind: Image['kind'], key?: string, imageBytes = 0): Promise<Image> {
    const image = this.create(kind, key)
    this.reserve(image, imageBytes)
    await this.end(image)
    this.images.unpin(image)
    return image
  }

  reserve(image: Image, imageBytes = 0): number {
    const place = this.images.reserve(image, imageBytes)
    assert.equal(typeof place, 'number', String(place))
    return place as number
  }

  isFull(imageBytes: number): boolean {
    const image = this.create('script')
    const place = this.images.reserve(image, imageBytes)
    this.images.unpin(image)
    return typeof place !== 'number'
  }
}

interface Span {
  readonly image: Image
  readonly from: number
  readonly to: number
}

/** The lowest place where so many bytes are free. */
function lowestFit(spans: readonly Span[], sizeBytes: number, endBytes: number): number | undefined {
  let from = 0
  for (const span of spans) {
    if (span.from - from >= sizeBytes) return from
    from = span.to
  }
  return endBytes - from >= sizeBytes ? from : undefined
}

test('rooms: the lowest that fits, none over another, neighbours joined, no more memory than was needed', () => {
  const stepArbitrary = fc.oneof(
    { weight: 3, arbitrary: fc.record({ take: fc.constant(true), number: fc.nat({ max: 3000 }) }) },
    { weight: 2, arbitrary: fc.record({ take: fc.constant(false), number: fc.nat({ max: 1000 }) }) },
  )
  fc.assert(
    fc.property(fc.array(stepArbitrary, { maxLength: 120 }), (steps) => {
      const shelf = new Shelf(16_384 + 32)
      const { images, arena } = shelf
      let spans: Span[] = []
      let highest = 0
      for (const { take, number } of steps) {
        if (!take) {
          const [gone] = spans.splice(number % Math.max(1, spans.length), 1)
          if (gone) images.unpin(gone.image)
          continue
        }
        const sizeBytes = imagePlaceBytes(number)
        const expected = lowestFit(spans, sizeBytes, arena.maxByteLength)
        const image = shelf.create('script')
        const place = images.reserve(image, number)
        if (expected === undefined) {
          assert.match(String(place), /limits\.imageBytes/)
          images.unpin(image)
          continue
        }
        assert.equal(place, expected)
        assert.equal(expected % IMAGE_ALIGNMENT, 0)
        spans.push({ image, from: expected, to: expected + sizeBytes })
        spans = spans.sort((a, b) => a.from - b.from)
        highest = Math.max(highest, expected + sizeBytes)
        assert.equal(arena.byteLength, highest)
      }
      for (const { image } of spans) images.unpin(image)
      assert.equal(shelf.reserve(shelf.create('script'), 16_384 - 64), 0, 'in the end it is one room again')
    }),
    { numRuns: 300 },
  )
})

test('a script stays while somebody holds it, and gives its room back with the last pin', async () => {
  const shelf = new Shelf(2 * PLACE_BYTES)
  const { images } = shelf
  const script = shelf.create('script', 'a')
  shelf.reserve(script)
  await shelf.end(script)
  assert.ok(script.isReady)
  images.pin(script)
  images.unpin(script)
  assert.equal(images.find('a'), script)
  assert.ok(shelf.isFull(64))
  images.unpin(script)
  assert.equal(images.find('a'), undefined)
  assert.equal(shelf.isFull(64), false)
  assert.equal(images.size, 0)
})

test('a load that fails is forgotten at once; its room comes back when nobody waits for it any more', async () => {
  const shelf = new Shelf(2 * PLACE_BYTES)
  const { images } = shelf
  for (const kind of ['script', 'chunk'] as const) {
    const image = shelf.create(kind, 'a')
    images.pin(image)
    shelf.reserve(image)
    await shelf.end(image, new Error('no'))
    await assert.rejects(image.ready, /no/)
    assert.equal(images.find('a'), undefined)
    const other = shelf.create(kind, 'a')
    images.unpin(image)
    assert.ok(shelf.isFull(64))
    images.unpin(image)
    assert.equal(shelf.isFull(64), false)
    assert.equal(images.find('a'), other, 'the next load of the same source is another image')
    await shelf.end(other, new Error('no'))
    images.unpin(other)
    assert.equal(images.size, 0)
  }
})

test('beyond evalScripts the least recently used chunk goes', async () => {
  const shelf = new Shelf()
  const { images } = shelf
  for (const key of ['a', 'b', 'c']) await shelf.build('chunk', key)
  images.find('a')
  await shelf.build('chunk', 'd')
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => images.find(key) !== undefined),
    [true, false, true, true],
  )
  assert.equal(images.size, 3)
})

test('a chunk in use does not go; when it is let go, the bound holds again', async () => {
  const shelf = new Shelf(64 * PLACE_BYTES, 1)
  const { images } = shelf
  const used = await Promise.all(['a', 'b', 'c'].map((key) => shelf.build('chunk', key)))
  assert.equal(images.size, 1)
  const [first, second] = [shelf.create('chunk', 'x'), shelf.create('chunk', 'y')]
  for (const image of [first, second]) shelf.reserve(image)
  await shelf.end(first)
  await shelf.end(second)
  assert.deepEqual([images.find('x'), images.find('y')], [first, second])
  images.unpin(first)
  images.unpin(second)
  assert.equal(images.size, 1)
  assert.equal(images.find('y'), second)
  assert.equal(used.length, 3)
})

test('chunks that nobody uses make way for what needs their room; scripts and chunks in use do not', async () => {
  const shelf = new Shelf(4 * PLACE_BYTES)
  const { images } = shelf
  const script = shelf.create('script', 's')
  shelf.reserve(script)
  await shelf.end(script)
  const used = shelf.create('chunk', 'used')
  shelf.reserve(used)
  await shelf.end(used)
  await shelf.build('chunk', 'a')
  await shelf.build('chunk', 'b')
  const next = shelf.create('script')
  assert.ok(images.reserve(next, PLACE_BYTES * 3) instanceof Error, 'more than can be made free')
  assert.deepEqual([images.find('s'), images.find('used')], [script, used])
  assert.equal(shelf.reserve(next, PLACE_BYTES), 2 * PLACE_BYTES)
})

test('a load that asks for room again gets another one in place of the first', () => {
  const shelf = new Shelf(4 * PLACE_BYTES)
  const image = shelf.create('script')
  shelf.reserve(image, 100)
  shelf.reserve(image, 0)
  assert.equal(image.sizeBytes, PLACE_BYTES)
  assert.equal(shelf.isFull(2 * PLACE_BYTES), false)
})
