// A thread of lockstep.ts: runs an actor again and again, stopping before each of its atomic operations.

import { workerData } from 'node:worker_threads'
import {
  type Actor,
  type ActorModule,
  ASLEEP,
  AT_STEP,
  CHANGES,
  DEAD,
  DIE,
  DONE,
  FAILED,
  LOG,
  LOG_LENGTH,
  lineOf,
  MAX_LOG,
  MAY_TIME_OUT,
  NOTIFIED,
  SLEEPS_ON,
  STATE,
  TEXT_BYTES,
  type ThreadData,
  TIME_OUT,
  TURN,
  textAt,
} from './lockstep-words.js'

const { control, threads, thread, moduleUrl, actor, memory } = workerData as ThreadData
const words = new Int32Array(control)
const line = lineOf(thread)
const { load, store, add, exchange, compareExchange, wait, notify } = Atomics

class Death extends Error {}

/** While an actor is set up its operations are not steps. */
let isGated = false

/** Says what this thread is doing and waits for its turn. */
function park(state: number): number {
  store(words, line + STATE, state)
  add(words, CHANGES, 1)
  notify(words, CHANGES)
  for (let looks = 0; ; looks++) {
    const turn = load(words, line + TURN) === 0 ? 0 : exchange(words, line + TURN, 0)
    if (turn !== 0) return turn
    if (looks > 200) wait(words, line + TURN, 0)
  }
}

function step(array: Int32Array, index: number): void {
  if (isGated && isStep(array, index) && park(AT_STEP) === DIE) throw new Death()
}

function waitInStep(array: Int32Array, index: number, expected: number, timeoutMs?: number) {
  step(array, index)
  if (load(array, index) !== expected) return 'not-equal'
  words[line + SLEEPS_ON] = index
  words[line + MAY_TIME_OUT] = timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY ? 0 : 1
  const turn = park(ASLEEP)
  if (turn === DIE) throw new Death()
  return turn === TIME_OUT ? 'timed-out' : 'ok'
}

/** An operation whose turn has to come. */
const stepped =
  <Rest extends number[]>(operation: (array: Int32Array, index: number, ...rest: Rest) => number) =>
  (array: Int32Array, index: number, ...rest: Rest): number => {
    step(array, index)
    return operation(array, index, ...rest)
  }

const observed: Partial<Record<keyof typeof Atomics, unknown>> = {
  load: stepped(load),
  store: stepped(store),
  add: stepped(add),
  exchange: stepped(exchange),
  compareExchange: stepped(compareExchange),
  wait: waitInStep,
  waitAsync: (array: Int32Array, index: number, expected: number) => ({
    async: false,
    value: waitInStep(array, index, expected),
  }),
  notify: (array: Int32Array, index: number) => {
    step(array, index)
    words[line + NOTIFIED] = index + 1
    return 0
  },
}
Object.assign(Atomics, observed)

function log(entry: number): void {
  const length = words[line + LOG_LENGTH] as number
  if (length >= MAX_LOG) throw new RangeError('the log is full')
  words[line + LOG + length] = entry
  words[line + LOG_LENGTH] = length + 1
}

function runOnce(prepare: Actor<typeof memory>): number {
  try {
    isGated = false
    const run = prepare(memory, log)
    isGated = true
    run()
    return DONE
  } catch (error) {
    if (error instanceof Death) return DEAD
    const text = Buffer.from(error instanceof Error ? `${error.stack}` : String(error))
    new Uint8Array(control, textAt(threads, thread), TEXT_BYTES - 1).set(text.subarray(0, TEXT_BYTES - 1))
    return FAILED
  }
}

const { actors, isStep = () => true } = (await import(moduleUrl)) as ActorModule<typeof memory>
const prepare = actors[actor]
if (prepare === undefined) throw new Error(`${moduleUrl} has no actor ${actor}`)
for (let state = DONE; ; state = runOnce(prepare)) park(state)
