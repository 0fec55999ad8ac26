// CPU time, per thread where the kernel tells it. Wall time on a shared machine includes the neighbours; this does not.

import { readFileSync } from 'node:fs'

/** The main thread's CPU time so far in microseconds; undefined where there is no /proc (then no figure is shown). */
export function mainThreadCpuUs(): number | undefined {
  try {
    const [runNs] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')
    return Number(runNs) / 1_000
  } catch {
    return undefined
  }
}

export interface CpuUse {
  readonly mainUs: number | undefined
  readonly processUs: number
}

/** Starts counting; the returned function says what was used since. */
export function startCpuCount(): () => CpuUse {
  const mainBefore = mainThreadCpuUs()
  const before = process.cpuUsage()
  return () => {
    const used = process.cpuUsage(before)
    const mainAfter = mainThreadCpuUs()
    const mainUs = mainBefore === undefined || mainAfter === undefined ? undefined : mainAfter - mainBefore
    return { mainUs, processUs: used.user + used.system }
  }
}
