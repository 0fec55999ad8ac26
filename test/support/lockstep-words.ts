// What the scheduler of lockstep.ts and its threads share.
//
//   word 0                 changes of any thread's state; the scheduler sleeps on it
//   word 16 × (1 + i)      thread i: turn, state, index it sleeps on, whether that sleep may time out,
//                          index it notified (plus 1), length of its log, then the log of the current schedule
//   TEXT_AT + i × 1 KiB    thread i: why it failed, UTF-8, ended by NUL

export const CHANGES = 0
export const TURN = 0
export const STATE = 1
export const SLEEPS_ON = 2
export const MAY_TIME_OUT = 3
export const NOTIFIED = 4
export const LOG_LENGTH = 5
export const LOG = 6

export const LINE_WORDS = 64
export const MAX_LOG = LINE_WORDS - LOG
export const TEXT_BYTES = 1024

/** What a thread is told. */
export const GO = 1
export const TIME_OUT = 2
export const DIE = 3
export const START = 4

/** What a thread is doing. */
export const WORKING = 0
export const AT_STEP = 1
export const ASLEEP = 2
export const DONE = 3
export const DEAD = 4
export const FAILED = 5

export const lineOf = (thread: number): number => LINE_WORDS * (1 + thread)
export const textAt = (threads: number, thread: number): number => 4 * lineOf(threads) + TEXT_BYTES * thread

export interface ThreadData {
  readonly control: SharedArrayBuffer
  readonly threads: number
  readonly thread: number
  readonly moduleUrl: string
  readonly actor: string
  readonly memory: Readonly<Record<string, SharedArrayBuffer>>
}

/** Prepares an actor for one schedule, unobserved, and gives what it does in it. */
export type Actor<Memory> = (memory: Memory, log: (entry: number) => void) => () => void

export interface ActorModule<Memory> {
  readonly actors: Readonly<Record<string, Actor<Memory>>>
  /** Which operations others can tell the order of. Default: all. */
  readonly isStep?: (array: Int32Array, index: number) => boolean
}
