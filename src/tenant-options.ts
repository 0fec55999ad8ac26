// What one tenant may take of the engine's workers, and the host's weight function made safe.
//
// A weight is asked for on the way of a run into its line. Whatever the host's function does, no run notices: what it
// throws, or what is no weight, becomes one process warning per engine, and the tenant has weight 1.

import type { TenantPolicy } from './dispatch/contract.js'
import { MAX_TENANT_WEIGHT } from './limits.js'
import { shown } from './option-problems.js'

/** A tenant is a cache prefix; the runs without one are a tenant as well. */
export interface TenantOptions {
  /**
   * Runs of one tenant that may wait for a worker; one more of it rejects with MOONPOOL_QUEUE_FULL, while others are
   * still accepted. A whole number of 1 to 10,000,000. Default: only the engine's `maxQueue` bounds them, and one tenant
   * can fill that.
   */
  readonly maxQueue?: number | undefined
  /**
   * Runs of one tenant that may be with workers, or next in line for one, at the same time. More of them wait, and hold
   * up nobody else. A whole number of 1 to 10,000,000. Default: no bound.
   */
  readonly maxConcurrent?: number | undefined
  /**
   * A tenant's share when workers are short: of two tenants with runs waiting, one of weight 3 gets three turns to one of
   * weight 1. Gives a whole number of 1 to 100 for a cache prefix (`undefined` for the runs without one); anything else
   * counts as 1 and gives one process warning. Asked on the main thread whenever a tenant begins to wait, so keep it
   * quick. Default: all weigh the same.
   */
  readonly weight?: ((cachePrefix: string | undefined) => number) | undefined
}

const isWeight = (given: unknown): given is number =>
  Number.isInteger(given) && (given as number) >= 1 && (given as number) <= MAX_TENANT_WEIGHT

/** Undefined when nothing was asked for: tenants are equal and unbounded. */
export function tenantPolicy(options: TenantOptions): TenantPolicy | undefined {
  const { maxQueue, maxConcurrent, weight } = options
  if (maxQueue === undefined && maxConcurrent === undefined && weight === undefined) return undefined
  return { maxQueue, maxConcurrent, weightOf: weight === undefined ? () => 1 : safeWeight(weight) }
}

function safeWeight(weight: NonNullable<TenantOptions['weight']>): TenantPolicy['weightOf'] {
  let isTold = false
  const tell = (what: string): void => {
    if (isTold) return
    isTold = true
    process.emitWarning(
      `tenants.weight must give a whole number of 1 to ${MAX_TENANT_WEIGHT}, but it ${what}: the tenant has ` +
        'weight 1; later failures are not reported',
      { type: 'MoonpoolWarning', code: 'MOONPOOL_WEIGHT_FAILED' },
    )
  }
  return (prefix) => {
    try {
      const given: unknown = weight(prefix)
      if (isWeight(given)) return given
      tell(`gave ${shown(given)} for ${shown(prefix)}`)
    } catch (error) {
      tell(`threw ${error instanceof Error ? error.message : shown(error)} for ${shown(prefix)}`)
    }
    return 1
  }
}
