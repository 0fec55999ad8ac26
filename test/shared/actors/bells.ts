// Actors for bells.test.ts: what sleeps and what rings.

import { Bell, Doorbell, ONE_OUTCOME } from '../../../src/shared/bells.js'
import { workerWord } from '../../../src/shared/layout.js'
import type { Actor } from '../../support/lockstep-words.js'

export interface BellMemory {
  readonly control: SharedArrayBuffer
  /** Words that stand for records, runs and answers. */
  readonly published: SharedArrayBuffer
}

export const THREADS = 2

export function createBellMemory(): BellMemory & Record<string, SharedArrayBuffer> {
  return {
    control: new SharedArrayBuffer(4 * workerWord(THREADS, 0)),
    published: new SharedArrayBuffer(64),
  }
}

const open = (memory: BellMemory) => ({
  control: new Int32Array(memory.control),
  published: new Int32Array(memory.published),
})

/** A worker inside a run: sleeps until word 0 has come to `count`, as MainLink does. */
const waiter =
  (count: number): Actor<BellMemory> =>
  (memory, log) => {
    const { control, published } = open(memory)
    const bell = new Bell(control, 0)
    const wait = (value: number): void => {
      for (;;) {
        const seen = bell.prepareToSleep()
        if (Atomics.load(published, 0) >= value) {
          bell.stayAwake()
          return
        }
        bell.sleep(seen, Number.POSITIVE_INFINITY)
      }
    }
    return () => {
      for (let value = 1; value <= count; value++) {
        wait(value)
        log(value)
      }
    }
  }

/** What a sleeper must not do: it looks only before it says that it sleeps. */
const careless: Actor<BellMemory> = (memory) => {
  const { control, published } = open(memory)
  const bell = new Bell(control, 0)
  return () => {
    if (Atomics.load(published, 0) > 0) return
    bell.sleep(bell.prepareToSleep(), Number.POSITIVE_INFINITY)
  }
}

/** Main: publishes `count` times in word 0 and rings for each. */
const ringer =
  (count: number): Actor<BellMemory> =>
  (memory) => {
    const { control, published } = open(memory)
    const bell = new Bell(control, 0)
    return () => {
      for (let value = 1; value <= count; value++) {
        Atomics.store(published, 0, value)
        bell.ring()
      }
    }
  }

/** A worker: publishes its own word and rings main. */
const caller =
  (word: number): Actor<BellMemory> =>
  (memory) => {
    const { control, published } = open(memory)
    const doorbell = new Doorbell(control)
    return () => {
      Atomics.store(published, word, 1)
      doorbell.ring()
    }
  }

/** Main: sleeps until the first `count` words are set, as Drain does. */
const listener =
  (count: number): Actor<BellMemory> =>
  (memory, log) => {
    const { control, published } = open(memory)
    const doorbell = new Doorbell(control)
    const look = (): number => {
      let found = 0
      for (let word = 0; word < count; word++) found += Atomics.load(published, word)
      return found
    }
    return () => {
      let known = 0
      while (known < count) {
        doorbell.prepareToSleep()
        const found = look()
        if (found > known) {
          doorbell.stayAwake()
          known = found
        } else {
          // The promise of a wait is settled at once here: the thread itself sleeps.
          doorbell.wait().catch(() => {})
        }
      }
      log(known)
    }
  }

/** A worker that claims the runs that word 0 counts, publishes an outcome for each in its own word, and rings behind the next claim. */
const runner =
  (word: number, ringsAtEnd: boolean): Actor<BellMemory> =>
  (memory) => {
    const { control, published } = open(memory)
    const doorbell = new Doorbell(control)
    return () => {
      let hasOutcome = false
      for (;;) {
        const runs = Atomics.load(published, 0)
        if (runs === 0) break
        if (Atomics.compareExchange(published, 0, runs, runs - 1) !== runs) continue
        if (hasOutcome) doorbell.ringForOutcome()
        Atomics.add(published, word, 1)
        hasOutcome = true
      }
      if (ringsAtEnd) doorbell.ring()
    }
  }

/** Main: takes the outcomes of the `runs` that word 0 held at first; dozes while runs lie there, as Drain does, else sleeps. */
const dozer =
  (runs: number, wanted = 2): Actor<BellMemory> =>
  (memory, log) => {
    const { control, published } = open(memory)
    const doorbell = new Doorbell(control)
    const outcomes = (): number => Atomics.load(published, 1) + Atomics.load(published, 2)
    const sleep = (known: number): void => {
      doorbell.prepareToSleep()
      if (outcomes() > known) doorbell.stayAwake()
      else doorbell.wait().catch(() => {})
    }
    return () => {
      for (let known = 0; known < runs; known = outcomes()) {
        doorbell.prepareToSleep(wanted)
        if (Atomics.load(published, 0) > 0) {
          doorbell.wait(wanted).catch(() => {})
        } else {
          doorbell.stayAwake()
          sleep(known)
        }
      }
      log(outcomes())
    }
  }

/** A worker without a run: takes what word 0 counts, ends when nothing came for a while, as RunLoop does. */
const idler =
  (worker: number): Actor<BellMemory> =>
  (memory, log) => {
    const { control, published } = open(memory)
    const bell = new Bell(control, worker)
    const takeOne = (): boolean => {
      const count = Atomics.load(published, 0)
      return count > 0 && Atomics.compareExchange(published, 0, count, count - 1) === count
    }
    const hasWork = (): boolean => Atomics.load(published, 0) > 0
    const waitForWork = (): boolean => {
      const seen = bell.prepareToIdle()
      if (hasWork()) {
        bell.stayAwake()
        return true
      }
      return bell.sleep(seen, 100) || hasWork()
    }
    return () => {
      for (;;) {
        if (takeOne()) log(1)
        else if (!waitForWork()) return
      }
    }
  }

/** Main: publishes `runs` times in word 0 and summons somebody for each; logs whom (0 is nobody). */
const summoner =
  (runs: number, workers: number): Actor<BellMemory> =>
  (memory, log) => {
    const { control, published } = open(memory)
    const bells = Array.from({ length: workers }, (_, worker) => new Bell(control, worker))
    return () => {
      for (let run = 0; run < runs; run++) {
        Atomics.add(published, 0, 1)
        log(1 + bells.findIndex((bell) => bell.summon()))
      }
    }
  }

export const actors: Record<string, Actor<BellMemory>> = {
  doesNotLookAgain: careless,
  waitsForOne: waiter(1),
  waitsForTwo: waiter(2),
  ringsOnce: ringer(1),
  ringsTwice: ringer(2),
  firstCaller: caller(0),
  secondCaller: caller(1),
  dozesForOne: dozer(1),
  dozesForThree: dozer(3),
  dozesForEachOfThree: dozer(3, ONE_OUTCOME),
  firstRunner: runner(1, true),
  secondRunner: runner(2, true),
  leavesSilently: runner(1, false),
  hearsOne: listener(1),
  hearsTwo: listener(2),
  firstIdler: idler(0),
  secondIdler: idler(1),
  summonsOneOfOne: summoner(1, 1),
  summonsTwoOfTwo: summoner(2, 2),
}
