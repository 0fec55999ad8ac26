// A process that opens one contender from nothing, once: only a fresh process can say how long a start takes and how
// much memory it needs. Started with --expose-gc; says one `ProbeReport` and ends.
//
//   probe-process.js <contender> <threads> <entries> <value bytes>

import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { contenderNamed } from './contenders.js'
import { fillEntries } from './growth-cases.js'
import { loadWork } from './works.js'

export interface ProbeReport {
  /** From nothing loaded to the first run's result. */
  readonly startMs: number
  /** Of the process that holds the cache, after the garbage is gone. */
  readonly openRssBytes: number
  /** The same with the entries in it. */
  readonly filledRssBytes: number
}

const PAGE_BYTES = 4_096
const SETTLE_ROUNDS = 6
const SETTLE_MS = 40
const COMPLETE_MS = 500

function rssBytes(pid: number): number {
  if (pid === process.pid) return process.memoryUsage.rss()
  return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE_BYTES
}

/** Memory given back comes back late: the least of some readings. */
async function settledRssBytes(pid: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < SETTLE_ROUNDS; round++) {
    globalThis.gc?.()
    await delay(SETTLE_MS)
    least = Math.min(least, rssBytes(pid))
  }
  return least
}

async function probe([name, threads, entries, valueBytes]: readonly string[]): Promise<ProbeReport> {
  const contender = contenderNamed(name ?? '')
  const work = loadWork('growth')
  const startMs = performance.now()
  const host = await contender.open(work, { threads: Number(threads) })
  await fillEntries(host, 1, 1)
  const readyMs = performance.now()
  const pid = host.serverPid ?? process.pid
  // What an engine starts a moment later is part of it.
  await delay(COMPLETE_MS)
  const openRssBytes = await settledRssBytes(pid)
  await fillEntries(host, Number(entries), Number(valueBytes))
  const filledRssBytes = Number(entries) > 0 ? await settledRssBytes(pid) : openRssBytes
  await host.close()
  return { startMs: readyMs - startMs, openRssBytes, filledRssBytes }
}

if (process.send === undefined) throw new Error('probe-process: started by the bench only')
const report = await probe(process.argv.slice(2))
process.send(report, () => process.disconnect())
