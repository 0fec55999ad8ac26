import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Image, Images } from '../../src/dispatch/images.js'
import { createImageArena, IMAGE_ALIGNMENT, imagePlaceBytes } from '../../src/shared/image-arena.js'

const PLACE_BYTES = imagePlaceBytes(0)
const NO_BYTES = new Uint8Array(0)

/** Images whose load ends when the test says so. */
class Shelf {
  readonly arena: SharedArrayBuffer
  readonly images: Images
  #lastKey = 0

  constructor(arenaBytes = 64 * PLACE_BYTES, evalScripts = 3) {
    this.arena = createImageArena(arenaBytes)
    this.images = new Images(this.arena, arenaBytes, evalScripts)
  }

  /** An image that is being built, with its load's pin. */
  create(kind: Image['kind']): Image {
    return this.images.create(kind, 'name')
  }

  /** From then on its load's pin is somebody's who uses it. */
  end(image: Image, key = `key-${++this.#lastKey}`): void {
    this.images.publish(key, image, NO_BYTES)
  }

  /** A ready image with room of its own that nobody uses. */
  build(kind: Image['kind'], key?: string, imageBytes = 0): Image {
    const image = this.create(kind)
    this.reserve(image, imageBytes)
    this.end(image, key)
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

test('a script stays while somebody holds it, and gives its room back with the last pin', () => {
  const shelf = new Shelf(2 * PLACE_BYTES)
  const { images } = shelf
  const script = shelf.create('script')
  shelf.reserve(script)
  assert.equal(images.find('a'), undefined, 'nobody finds what is being built')
  shelf.end(script, 'a')
  images.pin(script)
  images.unpin(script)
  assert.equal(images.find('a'), script)
  assert.ok(shelf.isFull(64))
  images.unpin(script)
  assert.equal(images.find('a'), undefined)
  assert.equal(shelf.isFull(64), false)
  assert.equal(images.size, 0)
})

test('what is not built gives its room back with its last pin, and was never found', () => {
  const shelf = new Shelf(2 * PLACE_BYTES)
  const { images } = shelf
  for (const kind of ['script', 'chunk'] as const) {
    const image = shelf.create(kind)
    images.pin(image)
    shelf.reserve(image)
    const other = shelf.create(kind)
    assert.equal(images.size, 2)
    assert.deepEqual(images.usage().pins, 3)
    images.unpin(image)
    assert.ok(shelf.isFull(64))
    images.unpin(image)
    assert.equal(shelf.isFull(64), false)
    shelf.end(other, 'a')
    assert.equal(images.find('a'), other)
    images.unpin(other)
    assert.equal(images.size, kind === 'script' ? 0 : 1)
    assert.equal(images.usage().heldBytes, 0)
  }
})

test('sources are kept while they fit beside each other, and go with their images', () => {
  const { images } = new Shelf(100)
  const sources = [60, 60, 40].map((bytes) => new Uint8Array(bytes))
  const scripts = sources.map((source, index) => {
    const image = images.create('script', 'name')
    images.publish(`${index}`, image, source)
    return image
  })
  assert.deepEqual(
    scripts.map(({ source }) => source?.length),
    [60, undefined, 40],
  )
  for (const script of scripts) images.unpin(script)
  const last = images.create('script', 'name')
  images.publish('last', last, new Uint8Array(100))
  assert.equal(last.source?.length, 100)
})

test('beyond evalScripts the least recently used chunk goes', () => {
  const shelf = new Shelf()
  const { images } = shelf
  for (const key of ['a', 'b', 'c']) shelf.build('chunk', key)
  images.find('a')
  shelf.build('chunk', 'd')
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => images.find(key) !== undefined),
    [true, false, true, true],
  )
  assert.equal(images.size, 3)
})

test('a chunk in use does not go; when it is let go, the bound holds again', () => {
  const shelf = new Shelf(64 * PLACE_BYTES, 1)
  const { images } = shelf
  const used = ['a', 'b', 'c'].map((key) => shelf.build('chunk', key))
  assert.equal(images.size, 1)
  const [first, second] = [shelf.create('chunk'), shelf.create('chunk')]
  for (const image of [first, second]) shelf.reserve(image)
  shelf.end(first, 'x')
  shelf.end(second, 'y')
  assert.deepEqual([images.find('x'), images.find('y')], [first, second])
  images.unpin(first)
  images.unpin(second)
  assert.equal(images.size, 1)
  assert.equal(images.find('y'), second)
  assert.equal(used.length, 3)
})

test('chunks that nobody uses make way for what needs their room; scripts and chunks in use do not', () => {
  const shelf = new Shelf(4 * PLACE_BYTES)
  const { images } = shelf
  const script = shelf.create('script')
  shelf.reserve(script)
  shelf.end(script, 's')
  const used = shelf.create('chunk')
  shelf.reserve(used)
  shelf.end(used, 'used')
  shelf.build('chunk', 'a')
  shelf.build('chunk', 'b')
  const next = shelf.create('script')
  assert.ok(images.reserve(next, PLACE_BYTES * 3) instanceof Error, 'more than can be made free')
  assert.deepEqual([images.find('s'), images.find('used')], [script, used])
  assert.equal(shelf.reserve(next, PLACE_BYTES), 2 * PLACE_BYTES)
})

test('runs that wait may pin chunks up to a fourth of what scripts leave', () => {
  const shelf = new Shelf(9 * PLACE_BYTES, 8)
  const { images } = shelf
  const script = shelf.create('script')
  shelf.reserve(script)
  shelf.end(script)
  const [a, b, c] = [shelf.build('chunk'), shelf.build('chunk'), shelf.build('chunk')]
  const may = (): boolean[] => [script, a, b, c].map((image) => images.mayWait(image))
  assert.deepEqual(may(), [true, true, true, true])
  images.pin(a)
  images.pin(b)
  images.pin(b)
  assert.deepEqual(may(), [true, true, true, false])
  // Only loads go beyond: one that finds it when its turn has come.
  images.pin(c)
  assert.deepEqual(may(), [true, false, false, false])
  images.unpin(c)
  images.unpin(b)
  assert.deepEqual(may(), [true, true, true, false])
  images.unpin(b)
  assert.deepEqual(may(), [true, true, true, true])
  images.pin(b)
  const another = shelf.create('script')
  shelf.reserve(another)
  shelf.end(another)
  assert.deepEqual(may(), [true, false, false, false], 'scripts leave less')
  images.unpin(another)
  assert.deepEqual(may(), [true, true, true, false])
})

test('a load that asks for room again gets another one in place of the first', () => {
  const shelf = new Shelf(4 * PLACE_BYTES)
  const image = shelf.create('script')
  shelf.reserve(image, 100)
  shelf.reserve(image, 0)
  assert.equal(image.sizeBytes, PLACE_BYTES)
  assert.equal(shelf.isFull(2 * PLACE_BYTES), false)
})
