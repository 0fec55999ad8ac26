// Runs that wait on the main thread for their turn: one line per tenant, and tenants take turns by their weights (turns.ts),
// so a tenant with a thousand waiting runs delays nobody else. Bounded by `maxQueue` in all, and for each tenant by
// `tenants.maxQueue`. A tenant that has `tenants.maxConcurrent` runs in shared memory or with workers gets no turn until
// one of them ends; nobody else waits for that.
//
// A run that had its turn and came back goes out before all others and keeps its tenant's place: nobody loses a turn
// because the run queue was full or a thread died. So does the run of an eval whose chunk had to be loaded first: it had its
// turn with that, and the images that wait for their run stay few, however many evals are waiting.

import type { MoonpoolError } from '../errors.js'
import type { TenantPolicy } from './contract.js'
import { Line } from './line.js'
import { HOST, type Run, type TenantKey } from './run.js'
import { queueFullError } from './run-errors.js'
import { Turns, type Waiter } from './turns.js'

interface Tenant extends Waiter {
  readonly key: TenantKey
  readonly waiting: Line<Run>
  isInTurns: boolean
  /** Runs that had their turn and have not ended; counted only where `maxConcurrent` is set. */
  running: number
}

const EQUAL_TENANTS: TenantPolicy = { maxQueue: undefined, maxConcurrent: undefined, weightOf: () => 1 }

export class Admission {
  readonly #maxQueue: number
  readonly #maxTenantQueue: number
  readonly #maxConcurrent: number
  readonly #weightOf: TenantPolicy['weightOf']
  /** Those with runs waiting, running (where that is counted) or just served. */
  readonly #tenants = new Map<TenantKey, Tenant>()
  readonly #turns = new Turns<Tenant>((tenant) => this.#forget(tenant))
  /** Runs that had their turn, the next one last. */
  readonly #returned: Run[] = []
  #size = 0
  /** Whether places of tenants are limited, so that ends of runs must be told. */
  readonly countsPlaces: boolean

  constructor(maxQueue: number, policy: TenantPolicy = EQUAL_TENANTS) {
    this.#maxQueue = maxQueue
    this.#maxTenantQueue = policy.maxQueue ?? Number.POSITIVE_INFINITY
    this.#maxConcurrent = policy.maxConcurrent ?? Number.POSITIVE_INFINITY
    this.#weightOf = policy.weightOf
    this.countsPlaces = policy.maxConcurrent !== undefined
  }

  /** Runs that wait. */
  get size(): number {
    return this.#size
  }

  /** Tenants that are remembered. */
  get tenants(): number {
    return this.#tenants.size
  }

  /** Whether `shift` would give a run. */
  get hasNext(): boolean {
    return this.#turns.size > 0 || this.#returned.length > 0
  }

  /** Whether a run of this tenant may go out now, with nobody before it. */
  isFree(key: TenantKey): boolean {
    if (this.hasNext) return false
    return !this.countsPlaces || this.#hasPlace(this.#tenants.get(key), key)
  }

  /** Why a run of this tenant may not wait here. */
  refusal(key: TenantKey): MoonpoolError | undefined {
    const tenantQueued = this.#tenants.get(key)?.waiting.size ?? 0
    const facts = { queued: this.#size, tenantQueued, cachePrefix: key === HOST ? undefined : key }
    if (this.#size >= this.#maxQueue)
      return queueFullError({ ...facts, option: 'maxQueue', limit: this.#maxQueue })
    if (tenantQueued < this.#maxTenantQueue || key === HOST) return undefined
    return queueFullError({ ...facts, option: 'tenants.maxQueue', limit: this.#maxTenantQueue })
  }

  push(run: Run): void {
    if (run.hadTurn && this.#takePlace(run.tenant)) {
      this.#returned.unshift(run)
      this.#size++
      return
    }
    const tenant = this.#tenantOf(run.tenant)
    // One that had its turn stands first: the image that it pins would stay for as long as the line is.
    if (run.hadTurn) tenant.waiting.prepend([run])
    else tenant.waiting.push(run)
    this.#size++
    this.#enter(tenant)
  }

  /** For a run that had its turn and came back: it is the next. */
  pushFront(run: Run): void {
    this.#returned.push(run)
    this.#size++
  }

  /** Runs that lay ready for the workers, oldest first: they stand first in their tenants' lines, and need a turn again. */
  restore(runs: readonly Run[]): void {
    const lines = new Map<Tenant, Run[]>()
    for (const run of runs) {
      const tenant = this.#tenantOf(run.tenant)
      const line = lines.get(tenant)
      if (line === undefined) lines.set(tenant, [run])
      else line.push(run)
    }
    for (const [tenant, line] of lines) {
      tenant.waiting.prepend(line)
      if (this.countsPlaces) tenant.running -= line.length
      this.#enter(tenant)
    }
    this.#size += runs.length
  }

  /** The next run in turn; it takes one of its tenant's places. Undefined when none waits that may go. */
  shift(): Run | undefined {
    const run = this.#returned.pop() ?? this.#shiftInTurn()
    if (run !== undefined) this.#size--
    return run
  }

  /** A run leaves without a turn. False when it does not wait here. */
  withdraw(run: Run): boolean {
    const index = this.#returned.indexOf(run)
    if (index >= 0) {
      this.#returned.splice(index, 1)
      this.#size--
      this.noteEnded(run)
      return true
    }
    const tenant = this.#tenants.get(run.tenant)
    if (tenant === undefined || !tenant.waiting.remove(run)) return false
    this.#size--
    if (tenant.waiting.size === 0) this.#leave(tenant)
    return true
  }

  /** Every run that waits, whether it may go or not. */
  takeAll(): Run[] {
    const runs = this.#returned.splice(0)
    for (const tenant of [...this.#tenants.values()]) {
      for (let run = tenant.waiting.shift(); run !== undefined; run = tenant.waiting.shift()) runs.push(run)
      this.#leave(tenant)
    }
    this.#size = 0
    return runs
  }

  /** A run goes out without having waited: it takes a place. */
  noteStarted(run: Run): void {
    if (this.countsPlaces) this.#tenantOf(run.tenant).running++
  }

  /** A run that had its turn is over: its place is free. */
  noteEnded(run: Run): void {
    const tenant = this.countsPlaces ? this.#tenants.get(run.tenant) : undefined
    if (tenant === undefined) return
    tenant.running--
    this.#enter(tenant)
    this.#forget(tenant)
  }

  #shiftInTurn(): Run | undefined {
    const tenant = this.#turns.next()
    if (tenant === undefined) return undefined
    const run = tenant.waiting.shift()
    if (this.countsPlaces) tenant.running++
    tenant.isInTurns = tenant.waiting.size > 0 && this.#hasPlace(tenant, tenant.key)
    if (tenant.isInTurns) this.#turns.again(tenant)
    else this.#turns.rest(tenant)
    return run
  }

  /** False when the tenant has as many runs out as it may have. */
  #takePlace(key: TenantKey): boolean {
    if (!this.countsPlaces) return true
    const tenant = this.#tenantOf(key)
    if (!this.#hasPlace(tenant, key)) return false
    tenant.running++
    return true
  }

  #hasPlace(tenant: Tenant | undefined, key: TenantKey): boolean {
    return tenant === undefined || tenant.running < this.#maxConcurrent || key === HOST
  }

  /** Gets turns from now on, if it has what to do with them. */
  #enter(tenant: Tenant): void {
    if (tenant.isInTurns || tenant.waiting.size === 0 || !this.#hasPlace(tenant, tenant.key)) return
    tenant.isInTurns = true
    this.#turns.add(tenant)
  }

  #leave(tenant: Tenant): void {
    if (!tenant.isInTurns) {
      this.#forget(tenant)
      return
    }
    tenant.isInTurns = false
    this.#turns.leave(tenant)
  }

  #tenantOf(key: TenantKey): Tenant {
    let tenant = this.#tenants.get(key)
    if (tenant === undefined) {
      const weight = key === HOST ? 1 : this.#weightOf(key)
      const waiting = new Line<Run>()
      tenant = { key, weight, waiting, isInTurns: false, running: 0, place: -1, instant: 0, order: 0 }
      this.#tenants.set(key, tenant)
    }
    return tenant
  }

  /** Once nothing of it is left here. */
  #forget(tenant: Tenant): void {
    const isNeeded = tenant.isInTurns || tenant.waiting.size > 0 || tenant.running > 0 || tenant.place >= 0
    if (!isNeeded) this.#tenants.delete(tenant.key)
  }
}
