// CPU time, per thread where the kernel tells it. Wall time on a shared machine includes the neighbours; this does not.

import { readdirSync, readFileSync } from 'node:fs'

/** The main thread's CPU time so far in microseconds; undefined where there is no /proc (then no figure is shown). */
export function mainThreadCpuUs(pid = process.pid): number | undefined {
  return readThreadCpuUs(pid, pid)
}

/** The same for all threads that live in another process. */
export function processCpuUs(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce(
      (sum, thread) => sum + (readThreadCpuUs(pid, thread) ?? 0),
      0,
    )
  } catch {
    return undefined
  }
}

function readThreadCpuUs(pid: number, thread: number | string): number | undefined {
  try {
    const [runNs] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')
    return Number(runNs) / 1_000
  } catch {
    return undefined
  }
}

export interface CpuUse {
  readonly mainUs: number | undefined
  /** Of this process and of the server that it asked, if any. */
  readonly processUs: number
}

/** Starts counting; the returned function says what was used since. */
export function startCpuCount(serverPid?: number): () => CpuUse {
  const readServer = (): number => (serverPid === undefined ? 0 : (processCpuUs(serverPid) ?? 0))
  const mainBefore = mainThreadCpuUs()
  const serverBefore = readServer()
  const before = process.cpuUsage()
  return () => {
    const used = process.cpuUsage(before)
    const mainAfter = mainThreadCpuUs()
    const mainUs = mainBefore === undefined || mainAfter === undefined ? undefined : mainAfter - mainBefore
    return { mainUs, processUs: used.user + used.system + readServer() - serverBefore }
  }
}
