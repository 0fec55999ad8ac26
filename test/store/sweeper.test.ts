import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Sweeper, type SweepTimers } from '../../src/store/sweeper.js'
import { bytes, createStore, FOREVER } from './fixture.js'

class ManualTimers implements SweepTimers {
  callback: (() => void) | undefined
  delayMs = 0

  set(callback: () => void, delayMs: number): unknown {
    assert.equal(this.callback, undefined, 'one timer at a time')
    this.callback = callback
    this.delayMs = delayMs
    return callback
  }

  clear(timer: unknown): void {
    assert.equal(timer, this.callback)
    this.callback = undefined
  }

  fire(): void {
    const { callback } = this
    assert.ok(callback, 'a timer is set')
    this.callback = undefined
    callback()
  }
}

test('a timer exists only while an entry has an expiry', () => {
  const { store, prefixes, clock } = createStore()
  const timers = new ManualTimers()
  const sweeper = new Sweeper(store, timers)
  const prefix = prefixes.open('t')
  store.put(prefix, bytes('a'), bytes('v'), FOREVER)
  assert.equal(timers.callback, undefined)
  store.put(prefix, bytes('b'), bytes('v'), clock.now + 1500)
  store.put(prefix, bytes('c'), bytes('v'), clock.now + 1500)
  assert.ok(timers.delayMs <= 5000)
  clock.now += 1000
  timers.fire()
  assert.equal(store.statistics().entries, 3)
  clock.now += 1000
  timers.fire()
  assert.equal(store.statistics().entries, 1)
  assert.equal(timers.callback, undefined)
  store.put(prefix, bytes('d'), bytes('v'), clock.now + 1)
  assert.ok(timers.callback)
  sweeper.close()
})

test('C18 a backlog is swept in slices, without waiting for the next turn', () => {
  const { store, prefixes, clock } = createStore()
  const timers = new ManualTimers()
  const sweeper = new Sweeper(store, timers)
  const prefix = prefixes.open('t')
  for (let n = 0; n < 50_000; n++) store.put(prefix, bytes(`${n}`), bytes('v'), clock.now + 60_000)
  clock.now += 60_000
  let mostRemoved = 0
  let waitedMs = 0
  while (timers.callback) {
    const before = store.statistics().entries
    waitedMs += timers.delayMs
    timers.fire()
    mostRemoved = Math.max(mostRemoved, before - store.statistics().entries)
  }
  assert.equal(store.statistics().entries, 0)
  assert.ok(mostRemoved <= 1024)
  assert.ok(waitedMs <= 2000, `${waitedMs} ms`)
  sweeper.close()
})

test('close stops it for good, twice is fine', () => {
  const { store, prefixes, clock } = createStore()
  const timers = new ManualTimers()
  const prefix = prefixes.open('t')
  store.put(prefix, bytes('before'), bytes('v'), clock.now + 1)
  const sweeper = new Sweeper(store, timers)
  assert.ok(timers.callback, 'entries from before are swept, too')
  sweeper.close()
  sweeper.close()
  assert.equal(timers.callback, undefined)
  store.put(prefix, bytes('after'), bytes('v'), clock.now + 1)
  assert.equal(timers.callback, undefined)
})

test('the real timer does not hold the process', () => {
  const { store, prefixes, clock } = createStore()
  const resources = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = resources()
  const sweeper = new Sweeper(store)
  store.put(prefixes.open('t'), bytes('k'), bytes('v'), clock.now + 1000)
  assert.equal(resources(), before)
  sweeper.close()
})
