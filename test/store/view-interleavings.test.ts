// Promise: between any two stores of main, a reader finds the old state or the new one, or asks. Never a mixture, and
// never a moment of absence while a key is overwritten or its slot moves.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hashSecret } from '../../src/shared/key-hash.js'
import { createViewMemory, openView } from '../../src/shared/view-layout.js'
import { ASK, FOUND, ViewReader } from '../../src/shared/view-reader.js'
import { arenaBufferBytes } from '../../src/store/arena.js'
import { ViewWriter } from '../../src/store/view-writer.js'
import { ELSEWHERE, FinderReader } from '../support/finder-reader.js'
import { notingView, Replay, type Store, snapshot, watchedView } from '../support/view-steps.js'
import { bytes, FOREVER, range, text } from './fixture.js'

const NOW_MS = 10

interface Scenario {
  readonly arenaBytes?: number
  /** Its values are taken by the native finder part by part. */
  readonly isLong?: boolean
  /** What is there before the first step that is looked at. */
  prepare(writer: ScenarioWriter): void
  /** The steps. */
  change(writer: ScenarioWriter): void
  /** What a reader may find for each key: values, 'missing'. It may always ask, unless that is said here. */
  readonly allowed: Readonly<Record<string, readonly string[]>>
}

/** A writer by keys; ids are the order of first use. */
class ScenarioWriter {
  readonly #writer: ViewWriter
  readonly #ids = new Map<string, number>()

  constructor(writer: ViewWriter) {
    this.#writer = writer
  }

  put(key: string, value: string, deadlineMs = FOREVER): void {
    const found = this.#writer.find(1, bytes(key))
    if (found >= 0) {
      this.#writer.replace(found, range(value), deadlineMs)
      return
    }
    const id = this.#ids.get(key) ?? this.#ids.size
    this.#ids.set(key, id)
    this.#writer.insert(id, range(value), deadlineMs)
  }

  remove(key: string): void {
    this.#writer.remove(this.#writer.find(1, bytes(key)))
  }

  fill(from: number, to: number): void {
    for (let n = from; n < to; n++) this.put(`filler ${n}`, `value of ${n}`)
  }
}

function record({ arenaBytes = 16_384, prepare, change }: Scenario): Replay {
  const sizes = { maxEntries: 200, maxKeyBytes: 64, stripes: 1, arenaBytes: arenaBufferBytes(arenaBytes) }
  const memory = createViewMemory(sizes, hashSecret(new Uint8Array(8).fill(3)))
  const notes: Store[] = []
  const writer = new ScenarioWriter(new ViewWriter(notingView(memory, notes)))
  prepare(writer)
  const before = snapshot(memory)
  notes.length = 0
  change(writer)
  const replay = new Replay(before, notes)
  replay.advance(notes.length)
  const [expected, repeated] = [openView(memory), openView(replay.memory)]
  assert.deepEqual([...repeated.slots], [...expected.slots], 'the notes are complete')
  assert.ok(Buffer.from(repeated.arenaBytes).equals(expected.arenaBytes), 'the notes are complete')
  return replay
}

/** One read with main's stores in between: `schedule(load)` says how many come before each load. */
class Trial {
  readonly #replay: Replay
  readonly #reader: ViewReader
  #schedule: (load: number) => number = () => 0
  loads = 0
  readonly #finder: FinderReader

  constructor(replay: Replay) {
    this.#replay = replay
    this.#finder = new FinderReader(replay.memory)
    this.#reader = new ViewReader(
      watchedView(replay.memory, () => replay.advance(this.#schedule(this.loads++))),
    )
  }

  read(key: string, storesBefore: number, schedule: (load: number) => number): string {
    this.#replay.reset()
    this.#replay.advance(storesBefore)
    this.#schedule = schedule
    this.loads = 0
    const found = this.#reader.find(1, bytes(key), (momentMs) => NOW_MS >= momentMs)
    if (found === ASK) return 'asks'
    return found === FOUND ? (text(this.#reader.bytes.slice(0, this.#reader.valueBytes)) ?? '') : 'missing'
  }

  /** The native finder; it cannot be interrupted here but between finding a long value and taking it. */
  readNatively(key: string, storesBefore: number, storesBetween = 0): string {
    this.#replay.reset()
    this.#replay.advance(storesBefore)
    const found = this.#finder.find(1, bytes(key), () => this.#replay.advance(storesBetween))
    return typeof found === 'string' ? found : (text(found) ?? '')
  }
}

const LONG = 'old '.repeat(40)
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'an overwrite of the same length': {
    prepare: (writer) => writer.put('key', 'old value'),
    change: (writer) => writer.put('key', 'new value'),
    allowed: { key: ['old value', 'new value'] },
  },
  'overwrites in the same room, shorter and longer': {
    prepare: (writer) => writer.put('key', 'a'.repeat(20), NOW_MS),
    change: (writer) => {
      writer.put('key', 'b'.repeat(18), NOW_MS + 1)
      writer.put('key', 'c'.repeat(24))
      writer.put('key', 'd'.repeat(17), NOW_MS)
    },
    allowed: { key: ['missing', 'b'.repeat(18), 'c'.repeat(24)] },
  },
  'an overwrite by a longer value': {
    prepare: (writer) => writer.put('key', 'old'),
    change: (writer) => writer.put('key', LONG),
    allowed: { key: ['old', LONG] },
  },
  'overwrites, and others that take the room given back': {
    prepare: (writer) => writer.put('key', 'a'.repeat(30)),
    change: (writer) => {
      writer.put('key', 'b'.repeat(30))
      writer.put('yek', 'x'.repeat(30))
      writer.put('key', 'c'.repeat(30))
      writer.put('eky', 'y'.repeat(30))
    },
    allowed: {
      key: ['a'.repeat(30), 'b'.repeat(30), 'c'.repeat(30)],
      yek: ['missing', 'x'.repeat(30)],
      eky: ['missing', 'y'.repeat(30)],
    },
  },
  'overwrites of long values, and another in the room given back': {
    isLong: true,
    prepare: (writer) => writer.put('key', 'a'.repeat(300)),
    change: (writer) => {
      writer.put('key', 'b'.repeat(300))
      writer.put('yek', 'x'.repeat(300))
      writer.put('key', 'c'.repeat(299))
    },
    allowed: {
      key: ['a'.repeat(300), 'b'.repeat(300), 'c'.repeat(299)],
      yek: ['missing', 'x'.repeat(300)],
    },
  },
  'an overwrite that fits only in the old room': {
    arenaBytes: 128,
    prepare: (writer) => writer.put('key', 'a'.repeat(80)),
    change: (writer) => writer.put('key', 'b'.repeat(81)),
    allowed: { key: ['a'.repeat(80), 'b'.repeat(81)] },
  },
  'an overwrite that fits nowhere, and back': {
    arenaBytes: 128,
    prepare: (writer) => writer.put('key', 'a'.repeat(80)),
    change: (writer) => {
      writer.put('key', 'b'.repeat(200))
      writer.put('key', 'c'.repeat(20))
    },
    allowed: { key: ['a'.repeat(80), 'c'.repeat(20)] },
  },
  'a removal, and another key in its room': {
    prepare: (writer) => writer.put('key', 'old value'),
    change: (writer) => {
      writer.remove('key')
      writer.put('yek', 'new value')
      writer.put('key', 'third value')
    },
    allowed: { key: ['old value', 'missing', 'third value'], yek: ['missing', 'new value'] },
  },
  'expiry: the old value is over, the new one is not': {
    prepare: (writer) => writer.put('key', 'old', NOW_MS),
    change: (writer) => writer.put('key', 'new', NOW_MS + 1),
    allowed: { key: ['missing', 'new'] },
  },
  'expiry: the new value is over': {
    prepare: (writer) => writer.put('key', 'old'),
    change: (writer) => {
      writer.put('key', 'new', NOW_MS)
      writer.put('key', 'last')
    },
    allowed: { key: ['old', 'missing', 'last'] },
  },
  'removals that move other entries': {
    prepare: (writer) => writer.fill(0, 58),
    change: (writer) => {
      for (let n = 0; n < 58; n += 7) writer.remove(`filler ${n}`)
    },
    allowed: Object.fromEntries(
      Array.from({ length: 58 }, (_, n) => [
        `filler ${n}`,
        n % 7 === 0 ? [`value of ${n}`, 'missing'] : [`value of ${n}`],
      ]),
    ),
  },
  'a removal, and the same key in the same room with a shorter value': {
    prepare: (writer) => writer.put('key', 'a'.repeat(30)),
    change: (writer) => {
      writer.remove('key')
      writer.put('key', 'b'.repeat(25))
    },
    allowed: { key: ['a'.repeat(30), 'missing', 'b'.repeat(25)] },
  },
  'a stripe that becomes full, and one too many': {
    prepare: (writer) => writer.fill(0, 63),
    change: (writer) => {
      writer.put('key', 'last slot')
      writer.put('late', 'no slot')
    },
    allowed: {
      key: ['missing', 'last slot'],
      late: ['missing'],
      'filler 6': ['value of 6'],
      never: ['missing'],
    },
  },
  'one too many, and a slot for it': {
    prepare: (writer) => {
      writer.fill(0, 64)
      writer.put('late', 'no slot')
    },
    change: (writer) => {
      writer.put('late', 'still none')
      writer.remove('filler 5')
      writer.put('late', 'in a slot')
    },
    allowed: {
      late: ['still none', 'in a slot'],
      'filler 5': ['value of 5', 'missing'],
      'filler 6': ['value of 6'],
      never: ['missing'],
    },
  },
}

for (const [name, scenario] of Object.entries(SCENARIOS)) {
  test(`a reader between any two stores: ${name}`, () => {
    const replay = record(scenario)
    const trial = new Trial(replay)
    const total = replay.stores.length
    assert.ok(total > 4)
    const keys = Object.entries(scenario.allowed)
    for (const [key, allowed] of keys) {
      const seen = new Set<string>()
      const check = (before: number, schedule: (load: number) => number, how: string): void => {
        const found = trial.read(key, before, schedule)
        seen.add(found)
        assert.ok(
          found === 'asks' || allowed.includes(found),
          `${key} after ${before} stores, ${how}: ${found}`,
        )
      }
      for (let before = 0; before <= total; before++) {
        check(before, () => 0, 'main stands still')
        for (let between = 0; between <= (scenario.isLong ? total - before : 0); between++) {
          const native = trial.readNatively(key, before, between)
          const how = `${key} after ${before} and ${between} stores: ${native}`
          assert.ok(native === ELSEWHERE || allowed.includes(native), how)
        }
      }
      // Main goes on to its end before one of the reader's loads, from wherever it stood; and at its own speed from there.
      check(total, () => 0, 'main is done')
      const { loads } = trial
      const stride = Math.max(1, Math.floor((total * loads * keys.length) / 9000))
      for (let at = 0; at < total * loads; at += stride) {
        const [before, load] = [Math.floor(at / loads), at % loads]
        check(before, (now) => (now === load ? total : 0), `all before load ${load}`)
        check(before, (now) => (now >= load ? 1 : 0), `one by one from load ${load}`)
      }
      // Not merely safe: with main at rest, before or after, nobody asks where a value can be read.
      for (const found of allowed) assert.ok(seen.has(found), `${key}: ${found} was never seen`)
    }
  })
}

test('a reader among the stores of main, at any pace', () => {
  const recorded = Object.entries(SCENARIOS).map(([name, scenario]) => {
    return { name, scenario, replay: record(scenario) }
  })
  const trials = new Map(recorded.map(({ name, replay }) => [name, new Trial(replay)]))
  fc.assert(
    fc.property(
      fc.nat({ max: recorded.length - 1 }),
      fc.nat(),
      fc.nat(),
      fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 3 }), fc.nat({ max: 40 })), {
        minLength: 1,
        maxLength: 60,
      }),
      (which, keyNumber, before, paces) => {
        const { name, scenario, replay } = recorded[which] ?? assert.fail()
        const keys = Object.keys(scenario.allowed)
        const key = keys[keyNumber % keys.length] ?? ''
        const found = (trials.get(name) ?? assert.fail()).read(
          key,
          before % (replay.stores.length + 1),
          (load) => paces[load % paces.length] ?? 0,
        )
        assert.ok(found === 'asks' || scenario.allowed[key]?.includes(found), `${name}: ${key}: ${found}`)
      },
    ),
    { numRuns: 5000 },
  )
})
