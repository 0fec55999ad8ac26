import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImageRef } from '../../src/dispatch/contract.js'
import type { Image } from '../../src/dispatch/images.js'
import { HOST } from '../../src/dispatch/run.js'
import { PLACE_BYTES, release, Stage } from '../support/loading-stage.js'

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
  assert.deepEqual((images[0] as Image).turnsTaken, undefined)
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

test('while waiting runs pin what they may, who finds an image is given it in turns of their own', async () => {
  const stage = new Stage(8, 8)
  const pinned: ImageRef[] = []
  for (const [n, digest] of ['d', 'e', 'f'].entries()) {
    const asked = stage.load('flood', { digest })
    stage.at(n).begin(stage.loader)
    await stage.at(n).finish()
    pinned.push(await asked)
  }
  assert.equal(stage.loader.find('d', 'n', 'chunk'), undefined, 'it may not be pinned by a run that waits')
  const controller = new AbortController()
  const asked = [
    stage.load('a'),
    stage.load('a', { signal: controller.signal }),
    stage.load('a'),
    stage.load('a'),
  ]
  assert.equal(stage.accepted.length, 4, 'they share a load')
  const finishNext = async (): Promise<void> => {
    assert.equal(stage.at(stage.accepted.length - 1).begin(stage.loader), false, 'nothing to compile')
    await stage.at(stage.accepted.length - 1).finish()
  }
  await finishNext()
  release(stage, [(await asked[0]) as ImageRef])
  assert.equal(stage.accepted.length, 5, 'the others have another')
  controller.abort()
  await assert.rejects(asked[1] as Promise<ImageRef>, { code: 'MOONPOOL_ABORTED' })
  await finishNext()
  release(stage, [(await asked[2]) as ImageRef])
  const aborted = new AbortController()
  const last = stage.load('a', { signal: aborted.signal })
  assert.equal(stage.accepted.length, 6, 'it joins')
  release(stage, pinned)
  assert.notEqual(stage.loader.find('d', 'n', 'chunk'), undefined)
  await finishNext()
  release(stage, [(await asked[3]) as ImageRef, await last])
  stage.assertNothingLeft(3)
})

test('when the last of those leaves who wait for another load, that load is aborted', async () => {
  const stage = new Stage(4, 4)
  const controller = new AbortController()
  const asked = [stage.load('a'), stage.load('a', { signal: controller.signal })]
  const other = stage.load('b', { digest: 'e' })
  for (const index of [1, 0]) {
    stage.at(index).begin(stage.loader)
    await stage.at(index).finish()
  }
  const images = [(await asked[0]) as ImageRef, await other]
  assert.equal(stage.accepted.length, 3)
  controller.abort()
  await assert.rejects(asked[1] as Promise<ImageRef>, { code: 'MOONPOOL_ABORTED' })
  assert.equal(stage.at(2).isOver, true)
  release(stage, images)
  stage.assertNothingLeft(2)
})
