// Where a figure was read: without this, a results file says nothing.

import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly kernel: string
  readonly node: string
  /** Threads that wanted a core, on average over the last minute. */
  readonly loadAverage: number
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    node: process.version,
    loadAverage: loadavg()[0] ?? 0,
  }
}

/** A warning when others were at work before the bench began; undefined on a quiet machine. */
export function describeNoise({ loadAverage, cores }: Machine): string | undefined {
  if (loadAverage < cores / 2) return undefined
  return `This machine is busy (load average ${loadAverage.toFixed(1)} on ${cores} cores): trust ratios with narrow spreads only.`
}

/** The commit of a checkout, with `+` when files differ from it; undefined outside of one. */
export function describeCommit(folder: string): string | undefined {
  const git = (...words: string[]): string =>
    execFileSync('git', words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    const commit = git('rev-parse', 'HEAD')
    return git('status', '--porcelain') === '' ? commit : `${commit}+`
  } catch {
    return undefined
  }
}
