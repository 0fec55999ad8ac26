// Every fixed capacity: its unit in its name, its reason beside it, and how it relates to the others.
// What users may change stands in options.ts; the defaults of those options stand here.

export const KIB: number = 1024
export const MIB: number = 1024 * KIB

// ── defaults of public options ─────────────────────────────────────────────────────────────────────────────
export const DEFAULT_MAX_ENTRIES = 50_000
export const DEFAULT_MAX_BYTES: number = 64 * MIB
export const DEFAULT_MAX_VALUE_BYTES: number = MIB
export const DEFAULT_MAX_KEY_BYTES = 1024
export const DEFAULT_TIMEOUT_MS = 1000
export const DEFAULT_MEMORY_BYTES: number = 64 * MIB
export const DEFAULT_ARGUMENT_BYTES: number = 8 * MIB
export const DEFAULT_RESULT_BYTES: number = 8 * MIB
export const DEFAULT_SOURCE_BYTES: number = MIB
export const DEFAULT_IMAGE_BYTES: number = 64 * MIB
export const DEFAULT_EVAL_SCRIPTS = 256
export const DEFAULT_GRACE_MS = 100
export const DEFAULT_CLOSE_GRACE_MS = 30_000
export const DEFAULT_MAX_QUEUE = 10_000

// ── fairness between tenants ───────────────────────────────────────────────────────────────────────────────
/** The most one tenant can weigh against another of weight 1. Turns are exact only while strides are fine enough. */
export const MAX_TENANT_WEIGHT = 100

// ── what every value obeys ─────────────────────────────────────────────────────────────────────────────────
/** Nesting of tables in any value that crosses a boundary; deeper is refused (`too deep`). */
export const MAX_DEPTH = 128
/** The longest keys that an engine may allow. */
export const LARGEST_KEY_BYTES = 65_535
/** Bytes of UTF-8 in a cache prefix. */
export const MAX_PREFIX_BYTES = 512
/** A timeout is at most a day, so a deadline in 32-bit milliseconds compares right across its wrap. */
export const MAX_TIMEOUT_MS = 86_400_000
/** From here on a TTL means "no expiry": beyond, milliseconds are no exact integers. */
export const MAX_TTL_MS: number = 2 ** 53
/** What an entry costs beside its bytes; part of the public size rule. */
export const ENTRY_OVERHEAD_BYTES = 64
/** Error messages are cut here, tracebacks at twice this. */
export const MAX_MESSAGE_BYTES: number = 4 * KIB
/** Printed bytes of one run; then one line says that more was cut. */
export const MAX_PRINT_BYTES: number = 64 * KIB

// ── shared memory ──────────────────────────────────────────────────────────────────────────────────────────
/** Slots of the run queue: the look-ahead of several workers at 1 µs a run; a power of two. */
export const RUN_QUEUE_SLOTS = 256
/** Argument bytes that travel inside a run queue slot; more comes through the replies ring after the claim. */
export const INLINE_ARGUMENT_BYTES: number = 4 * KIB
/** A script's or function's name inside a run queue slot. */
export const MAX_NAME_BYTES = 256
/** One worker's outbox; a power of two. Main drains it many times per millisecond of writes. */
export const OUTBOX_BYTES: number = MIB
/** One worker's replies ring; a power of two. */
export const REPLIES_BYTES: number = 256 * KIB
/** The largest record of a ring is this part of it, so that a writer never needs the whole ring empty. */
export const RING_RECORD_PART = 4
/** Room that only an outcome may use, so that a run can always end. */
export const OUTCOME_HEADROOM_BYTES: number = 16 * KIB
/** Prefixes in use at the same time (with entries or runs). */
export const MAX_PREFIX_CELLS = 65_536
/** Prefixes without entries and runs that are remembered, lest each run of theirs makes them anew. */
export const MAX_IDLE_PREFIXES = 1024
export const MAX_THREADS = 128
/** Threads that are booted and take over when another dies: a second one would serve two deaths within 0.1 s. */
export const MAX_SPARE_THREADS = 1
export const DEFAULT_SPARE_THREADS = 1
/** Beyond the system's last nice value there is nothing. */
export const MAX_NICE_INCREMENT = 19
export const DEFAULT_NICE_INCREMENT = 0
/** A spare thread starts that long after the others were ready: not beside the first runs, and not in a short process. */
export const SPARE_DELAY_MS = 100

// ── sleeping and waking ────────────────────────────────────────────────────────────────────────────────────
/** Messages that main takes from one outbox in one turn of its event loop. */
export const DRAIN_TURN_MESSAGES = 256
/** In one turn main takes messages no longer than this; then timers and sockets come first. */
export const DRAIN_TURN_US = 1000
/** A worker spins this long for an answer or a run before it sleeps. */
export const WORKER_SPIN_US = 20
/** The main thread polls this long after the last record it saw, then waits for its doorbell. */
export const MAIN_POLL_US = 200
/** An idle worker waits this long for a run before its drain task ends. */
export const WORKER_LINGER_MS = 100
/** How often the watchdog thread arms the hook of a run that did not stop yet: what one walk missed, the next finds. */
export const WATCHDOG_REARM_MS = 1
/** How often the main thread looks for runs whose thread has to be ended, only while runs are active. */
export const KILL_POLL_MS = 10
/** Estimated work that may lie in the run queue ahead of each worker. */
export const LOOK_AHEAD_US = 200
/** Runs up to this slow may have one run behind them, whatever LOOK_AHEAD_US says. */
export const LOOK_AHEAD_ONE_US = 1000

// ── death and recovery ─────────────────────────────────────────────────────────────────────────────────────
/** A worker that has not booted by then counts as dead. */
export const BOOT_TIMEOUT_MS = 20_000
/** Threads that fail to start in a row; then the engine fails with MOONPOOL_START. */
export const MAX_FAILED_BOOTS = 8
/** So many threads that die in a row are replaced at once, the next ones after a growing delay. */
export const DEATHS_BEFORE_BACK_OFF = 4
export const MAX_BACK_OFF_MS = 500
/** A run claimed but not started by that many workers that died is rejected instead of queued again. */
export const MAX_REQUEUES = 3
/** A VM whose memory grew beyond this is dropped after its run and its memory given back. */
export const RECYCLE_VM_BYTES: number = 16 * MIB

const isPowerOfTwo = (n: number): boolean => n > 0 && (n & (n - 1)) === 0

/** The relations the code relies on; checked once at load. */
const RELATIONS: readonly (readonly [boolean, string])[] = [
  [isPowerOfTwo(RUN_QUEUE_SLOTS), 'RUN_QUEUE_SLOTS is a power of two'],
  [isPowerOfTwo(OUTBOX_BYTES) && isPowerOfTwo(REPLIES_BYTES), 'rings are powers of two'],
  [OUTCOME_HEADROOM_BYTES * 4 <= OUTBOX_BYTES, 'the outcome headroom is a small part of the outbox'],
  [MAX_MESSAGE_BYTES * 3 + KIB <= OUTCOME_HEADROOM_BYTES, 'an error outcome fits the headroom'],
  [LARGEST_KEY_BYTES + KIB <= OUTBOX_BYTES / RING_RECORD_PART, 'a delete fits one record of the outbox'],
  [MAX_TIMEOUT_MS < 2 ** 31, 'deadlines compare as signed 32-bit differences'],
]
for (const [holds, text] of RELATIONS) if (!holds) throw new RangeError(`limits: it must hold that ${text}`)
