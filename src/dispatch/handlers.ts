// What main does with each message of an outbox, typed from the operation table: an operation without a handler does
// not compile. Whose data a message concerns is what main knows of its run; nothing the worker says can change it.
// A message of a run that is settled, or of no known operation, is passed over.

import { ByteRange } from '../shared/byte-range.js'
import { viewOf } from '../shared/held-bytes.js'
import { OPERATIONS, type OperationName } from '../shared/operations.js'
import { readOutcome } from '../shared/outcome.js'
import { PUT_KEY_AT, putExpiresAtMs, putKeyBytes, putValueAt } from '../shared/put-record.js'
import type { Store } from '../store/store.js'
import type { PrintSink } from './contract.js'
import type { Image, Images } from './images.js'
import { printableLine } from './print.js'
import type { Run } from './run.js'
import type { RunLedger } from './run-ledger.js'
import type { RunSettler } from './run-settler.js'
import type { WorkerSlot } from './worker-slots.js'

export interface HandlerContext {
  readonly store: Store
  readonly images: Images
  readonly onPrint: PrintSink
  readonly ledger: RunLedger
  readonly settler: RunSettler
  /** What a load is to compile; undefined when it is not to, any more. */
  readonly sourceFor: (image: Image) => Uint8Array | undefined
}

/** A record says its operation in a byte. */
const OPERATION_CODES = 256

/** Takes the message that a worker's outbox has moved to. */
export type MessageHandler = (slot: WorkerSlot) => void

type Handler = (run: Run, slot: WorkerSlot) => void
type Handlers = Record<OperationName, Handler>

export function createMessageHandler(context: HandlerContext): MessageHandler {
  const { ledger, settler } = context
  const handlers = byCode(createHandlers(context))
  return (slot) => {
    const { operation, runId } = slot.outbox.ring
    const handle = handlers[operation]
    const run = ledger.get(runId)
    if (handle === undefined || run === undefined) return
    try {
      handle(run, slot)
    } catch (error) {
      settler.rejectDefect(run, slot, error)
    }
  }
}

function byCode(handlers: Handlers): readonly (Handler | undefined)[] {
  const table = new Array<Handler | undefined>(OPERATION_CODES).fill(undefined)
  for (const name of Object.keys(handlers) as OperationName[]) table[OPERATIONS[name].code] = handlers[name]
  return table
}

/** The message's payload, as it lies there; gone after the handler. */
function payload(slot: WorkerSlot): Buffer {
  const { bytes, at, lengthBytes } = slot.outbox
  return bytes.subarray(at, at + lengthBytes)
}

function createHandlers({ store, images, onPrint, settler, sourceFor }: HandlerContext): Handlers {
  const value = new ByteRange()
  return {
    get: (run, slot) => {
      const { callId } = slot.outbox.ring
      const value = store.get(run.prefix, payload(slot))
      if (value === undefined) slot.replies.sendNothing(callId)
      else slot.replies.send(callId, value)
    },
    put: (run, slot) => {
      const { bytes, words, at, lengthBytes } = slot.outbox
      const keyBytes = putKeyBytes(bytes, at)
      const valueAt = putValueAt(keyBytes)
      store.key.setWords(run.prefix.incarnation, words, (at + PUT_KEY_AT) >>> 2, keyBytes)
      store.putValue(
        run.prefix,
        value.setWords(bytes, words, at + valueAt, lengthBytes - valueAt),
        putExpiresAtMs(bytes, at),
      )
    },
    delete: (run, slot) => {
      store.delete(run.prefix, payload(slot))
    },
    print: (run, slot) => {
      onPrint(printableLine(payload(slot)), run.image.name, run.prefix.text, run.extras)
    },
    outcome: (run, slot) => {
      settler.settle(run, readOutcome(slot.outbox.bytes, slot.outbox.at))
    },
    arguments: (run, slot) => {
      slot.replies.send(slot.outbox.ring.callId, viewOf(run.args))
    },
    source: (run, slot) => {
      const { callId } = slot.outbox.ring
      const source = sourceFor(run.image)
      if (source === undefined) slot.replies.sendNothing(callId)
      else slot.replies.send(callId, namedSource(run.image.name, source))
    },
    reserveImage: (run, slot) => {
      const { bytes, at, ring } = slot.outbox
      const place = images.reserve(run.image, bytes.readUInt32LE(at))
      if (typeof place === 'number') {
        const reply = Buffer.alloc(4)
        reply.writeUInt32LE(place)
        slot.replies.send(ring.callId, reply)
      } else {
        run.verdict ??= place
        slot.replies.sendNothing(ring.callId)
      }
    },
  }
}

/** u32 bytes of the name, name, source. */
function namedSource(name: string, source: Uint8Array): Uint8Array {
  const nameBytes = Buffer.from(name)
  const header = Buffer.alloc(4)
  header.writeUInt32LE(nameBytes.length)
  return Buffer.concat([header, nameBytes, source])
}
