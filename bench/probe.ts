// Asks a fresh process about one contender; see probe-process.ts.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { MissingPeer } from './missing-peer.js'
import type { ProbeReport } from './probe-process.js'
import type { Contender } from './script-host.js'

const PATIENCE_MS = 60_000

export interface ProbeOrder {
  readonly threads: number
  readonly entries: number
  readonly valueBytes: number
}

export async function probe({ name }: Contender, order: ProbeOrder): Promise<ProbeReport> {
  const child = fork(
    new URL('./probe-process.js', import.meta.url),
    [name, `${order.threads}`, `${order.entries}`, `${order.valueBytes}`],
    { stdio: ['ignore', 2, 'pipe', 'ipc'], execArgv: ['--expose-gc'], timeout: PATIENCE_MS },
  )
  let words = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    words += chunk.toString('utf8')
  })
  let report: ProbeReport | undefined
  child.on('message', (message) => {
    report = message as ProbeReport
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (report !== undefined) return report
  const [, missing] = words.match(/MissingPeer: (.+)/) ?? []
  if (missing !== undefined) throw new MissingPeer(missing)
  throw new Error(`the probe of ${name} ended (${signal ?? `exit code ${code}`}): ${words.slice(-1_000)}`)
}
