// The reading thread of torn-reads.ts.

import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { createClock } from '../../src/clock.js'
import { openView } from '../../src/shared/view-layout.js'
import { ASK, FOUND, MISSING as VIEW_MISSING, ViewReader } from '../../src/shared/view-reader.js'
import { ELSEWHERE, FINDER_KEY_BYTES, FinderReader, MISSING } from './finder-reader.js'
import {
  checksum,
  HEAD_BYTES,
  KEYS,
  keyOf,
  type ReaderReport,
  type ReaderTask,
  STEADY_KEYS,
} from './torn-reads.js'

const MAX_COMPLAINTS = 5

function readAll({ view, origin, incarnations, reads }: ReaderTask): ReaderReport {
  const reader = new ViewReader(openView(view))
  const finder = new FinderReader(view)
  // Whether an entry has expired is not asked of it: only whether a value is whole, and of its key.
  finder.finder.beginRun(Number.NEGATIVE_INFINITY)
  const { nowMs } = createClock(origin)
  const hasPassed = (momentMs: number): boolean => nowMs() >= momentMs
  const keys = Array.from({ length: KEYS }, (_, n) => keyOf(n))
  const counts = { found: 0, missing: 0, asked: 0, native: 0 }
  const wrong: string[] = []
  for (let n = 0; n < reads && wrong.length < MAX_COMPLAINTS; n++) {
    const tenant = n % incarnations.length
    const incarnation = incarnations[tenant] as number
    const key = Math.imul(n, 0x9e3779b1) >>> 4
    // Every fourth read is for a steady key.
    const number = n % 4 === 0 && tenant === 0 ? (n >> 2) % STEADY_KEYS : key % KEYS
    const keyBytes = keys[number] as Uint8Array
    // The two take turns; what the finder leaves open is asked of the reader.
    const native =
      (n >> 3) % 2 === 0 && keyBytes.length <= FINDER_KEY_BYTES
        ? finder.find(incarnation, keyBytes)
        : ELSEWHERE
    if (typeof native !== 'string') {
      counts.found++
      counts.native++
      const complaint = complaintAbout(native, incarnation, number)
      if (complaint !== undefined) wrong.push(complaint)
      continue
    }
    const found = native === MISSING ? VIEW_MISSING : reader.find(incarnation, keyBytes, hasPassed)
    if (found === FOUND) {
      counts.found++
      const value = reader.bytes.subarray(reader.valueAt, reader.valueAt + reader.valueBytes)
      const complaint = complaintAbout(value, incarnation, number)
      if (complaint !== undefined) wrong.push(complaint)
    } else if (found === ASK) counts.asked++
    else {
      counts.missing++
      if (tenant === 0 && number < STEADY_KEYS) wrong.push(`key ${number} was missing during an overwrite`)
    }
  }
  return { ...counts, wrong }
}

function complaintAbout(bytes: Uint8Array, incarnation: number, key: number): string | undefined {
  const { length } = bytes
  const value = new DataView(bytes.buffer, bytes.byteOffset, length)
  if (length < HEAD_BYTES) return `key ${key}: ${length} bytes`
  if (value.getInt32(0) !== checksum(bytes, 0, length)) return `key ${key}: torn, ${length} bytes`
  if (value.getUint32(4) === incarnation && value.getUint32(8) === key) return undefined
  return `key ${key} of ${incarnation}: the value of key ${value.getUint32(8)} of ${value.getUint32(4)}`
}

if (parentPort !== null) {
  const { task, port } = workerData as { task: ReaderTask; port: MessagePort }
  const counters = new Int32Array(task.counters)
  parentPort.postMessage('ready')
  Atomics.wait(counters, 0, 0)
  port.postMessage(readAll(task))
  Atomics.add(counters, 1, 1)
}
