// The order in which questions are asked and shown: what a reader wants to know first stands first. A case file that is
// not named here comes last.

import { YARDSTICK_FILE } from './yardstick.js'

export const ORDER: readonly string[] = [
  YARDSTICK_FILE,
  'hot-get',
  'hot-get-ttl',
  'missing-key',
  'profile-get',
  'put-ttl',
  'ninety-ten',
  'rate-limiter-run',
  'session-run',
  'http-rate-limiter',
  'main-thread-blocked',
  'growth-entries',
  'growth-value-size',
  'growth-prefixes',
  'growth-scripts',
  'growth-workers',
  'memory-per-entry',
  'million-runs',
  'start-up',
  'hard-kill',
  'compute',
  'empty-run',
  'deadline-cost',
  'soft-stop',
  'timeout-flood',
  'instructions-cost',
  'print-cost',
  'argument-cost',
  'round-trip',
  'image-restore',
]

/** For `sort`: names of case files. */
export function byOrder(a: string, b: string): number {
  const place = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length)
  return place(a) - place(b) || a.localeCompare(b)
}
