import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { AbortSignals } from '../../src/dispatch/abort-signals.js'

function create() {
  const controller = new AbortController()
  const { signal } = controller
  return {
    signals: new AbortSignals(),
    controller,
    signal,
    listeners: () => getEventListeners(signal, 'abort').length,
  }
}

test('all that watch one signal share a listener, which goes with the last of them', () => {
  const { signals, signal, listeners } = create()
  const unwatch = Array.from({ length: 100 }, () => signals.watch(signal, () => assert.fail()))
  assert.deepEqual([listeners(), signals.size], [1, 1])
  for (const end of unwatch) {
    assert.equal(listeners(), 1)
    end()
    end()
  }
  assert.deepEqual([listeners(), signals.size], [0, 0])
})

test('an abort calls each that still watches once, in order, and leaves nothing', () => {
  const { signals, controller, signal, listeners } = create()
  const called: number[] = []
  const [, second] = [1, 2, 3].map((n) => signals.watch(signal, () => called.push(n)))
  second?.()
  controller.abort()
  assert.deepEqual(called, [1, 3])
  assert.deepEqual([listeners(), signals.size], [0, 0])
})

test('a callback may end the watch of another, or its own', () => {
  const { signals, controller, signal } = create()
  const called: string[] = []
  const ends: (() => void)[] = []
  ends.push(
    signals.watch(signal, () => {
      called.push('first')
      for (const end of ends) end()
    }),
  )
  ends.push(signals.watch(signal, () => called.push('second')))
  controller.abort()
  assert.deepEqual(called, ['first'])
  assert.equal(signals.size, 0)
})

const never = (): never => assert.fail('called')

test('guard: whichever way it settles, the watch is over', async () => {
  const { signals, controller, signal, listeners } = create()
  const error = new Error('x')
  assert.equal(await signals.guard(signal, never, (resolve) => resolve(1)), 1)
  await assert.rejects(
    signals.guard(signal, never, (_, reject) => reject(error)),
    error,
  )
  const throwing = signals.guard(signal, never, () => {
    throw error
  })
  await assert.rejects(throwing, error)
  assert.equal(listeners(), 0)
  const pending = signals.guard(
    signal,
    (reject) => reject(error),
    () => {},
  )
  assert.equal(listeners(), 1)
  controller.abort()
  await assert.rejects(pending, error)
  assert.deepEqual([listeners(), signals.size], [0, 0])
})
