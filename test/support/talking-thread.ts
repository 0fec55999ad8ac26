// A worker's side of outbox and replies under load: writes of every size, and now and then a call whose answer it checks.

import { parentPort, workerData } from 'node:worker_threads'
import { Bell, Doorbell } from '../../src/shared/bells.js'
import { OutboxWriter } from '../../src/shared/outbox.js'
import { ReplyReader } from '../../src/shared/replies.js'
import { answerBytes, CALL, messageBytes, messageLength, PUT, WORKER } from './talk.js'

export interface TalkingData {
  readonly control: SharedArrayBuffer
  readonly outbox: SharedArrayBuffer
  readonly replies: SharedArrayBuffer
  readonly messages: number
}

const { control, outbox, replies, messages } = workerData as TalkingData
const words = new Int32Array(control)
const bell = new Bell(words, WORKER)
const doorbell = new Doorbell(words)
let wrong = 0

function waitUntil(isTrue: () => boolean): void {
  for (let look = 0; look < 100; look++) if (isTrue()) return
  for (;;) {
    const seen = bell.prepareToSleep()
    if (isTrue()) {
      bell.stayAwake()
      return
    }
    bell.sleep(seen, Number.POSITIVE_INFINITY)
  }
}

const writer = new OutboxWriter(outbox, doorbell, waitUntil)
const reader = new ReplyReader(replies, doorbell, waitUntil)

function call(id: number): void {
  writer.append(CALL, id, id, messageBytes(id), messageLength(id))
  const isSomething = reader.waitFor(id)
  const expected = answerBytes(id)
  const { bytes, at, lengthBytes } = reader.message
  const isRight = isSomething
    ? expected !== undefined && Buffer.from(expected).equals(bytes.subarray(at, at + lengthBytes))
    : expected === undefined
  if (!isRight) wrong++
  reader.done()
}

for (let id = 1; id <= messages; id++) {
  if (id % 8 === 0) call(id)
  else writer.append(PUT, id, 0, messageBytes(id), messageLength(id))
}
parentPort?.postMessage(wrong)
