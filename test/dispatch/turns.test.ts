// The bounds that turns.ts states, and the same order as the plainest way to compute it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Turns, type Waiter } from '../../src/dispatch/turns.js'

interface Tenant extends Waiter {
  readonly name: string
}

const createTenant = (name: string, weight = 1): Tenant => ({ name, weight, place: -1, instant: 0, order: 0 })

/** That many turns of tenants that always have more. */
function turnsOf(turns: Turns<Tenant>, count: number): string[] {
  return Array.from({ length: count }, () => {
    const tenant = turns.next() as Tenant
    turns.again(tenant)
    return tenant.name
  })
}

const weightArbitrary = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 100 }))

test('weights are honoured in proportion, at any moment', () => {
  fc.assert(
    fc.property(fc.array(weightArbitrary, { minLength: 2, maxLength: 8 }), (weights) => {
      const turns = new Turns<Tenant>(() => {})
      const tenants = weights.map((weight, index) => createTenant(String(index), weight))
      for (const tenant of tenants) turns.add(tenant)
      const had = new Map(tenants.map(({ name }) => [name, 0]))
      for (const name of turnsOf(turns, 1000)) {
        had.set(name, (had.get(name) as number) + 1)
        const shares = tenants.map((tenant) => (had.get(tenant.name) as number) / tenant.weight)
        // 1/w + 1/v, and once more for the one that went ahead when it came.
        const most = 3.1 / Math.min(...weights)
        assert.ok(Math.max(...shares) - Math.min(...shares) <= most, `${weights}: ${[...had.values()]}`)
      }
    }),
    { numRuns: 200 },
  )
})

test('between two turns of one tenant another has at most ceil(its weight / the weight of the first)', () => {
  fc.assert(
    fc.property(fc.array(weightArbitrary, { minLength: 2, maxLength: 6 }), (weights) => {
      const turns = new Turns<Tenant>(() => {})
      const tenants = weights.map((weight, index) => createTenant(String(index), weight))
      for (const tenant of tenants) turns.add(tenant)
      const order = turnsOf(turns, 800)
      for (const { name, weight } of tenants) {
        const places = order.flatMap((turn, place) => (turn === name ? [place] : []))
        for (const [index, place] of places.slice(1).entries()) {
          const between = order.slice((places[index] as number) + 1, place)
          for (const other of tenants) {
            const most = other.name === name ? 0 : Math.ceil(other.weight / weight)
            const found = between.filter((turn) => turn === other.name).length
            assert.ok(found <= most, `${weights}: ${other.name} had ${found} turns between two of ${name}`)
          }
        }
      }
    }),
    { numRuns: 200 },
  )
})

test('one that arrives is the next, however many turns the others still have', () => {
  const turns = new Turns<Tenant>(() => {})
  for (let index = 0; index < 50; index++) turns.add(createTenant(`old${index}`, 1 + (index % 3)))
  turnsOf(turns, 777)
  const arrived = createTenant('new')
  turns.add(arrived)
  assert.equal(turns.next(), arrived)
})

test('a flood of tenants that come once each keeps nobody waiting', () => {
  const turns = new Turns<Tenant>(() => {})
  const old = ['a', 'b', 'c'].map((name) => createTenant(name))
  for (const tenant of old) turns.add(tenant)
  turnsOf(turns, 6)
  const order: string[] = []
  // Two arrive for each turn there is: more than can ever be served.
  for (let turn = 0; turn < 30; turn++) {
    turns.add(createTenant(`flood${2 * turn}`))
    turns.add(createTenant(`flood${2 * turn + 1}`))
    const tenant = turns.next() as Tenant
    order.push(tenant.name)
    if (old.includes(tenant)) turns.again(tenant)
    else turns.rest(tenant)
  }
  // Each of the three has every third of the turns that are left after one ahead for each, and more and more neighbours.
  for (const { name } of old) {
    const had = order.flatMap((turn, place) => (turn === name ? [place] : []))
    assert.ok(had.length >= 2 && (had[0] as number) <= 6, `${name}: ${order.join(' ')}`)
  }
})

test('one that comes again as soon as its run is out has no more turns than one that waits all the time', () => {
  const turns = new Turns<Tenant>(() => {})
  const [busy, single] = [createTenant('busy'), createTenant('single')]
  turns.add(busy)
  turnsOf(turns, 3)
  turns.add(single)
  const order = Array.from({ length: 41 }, () => {
    const tenant = turns.next() as Tenant
    if (tenant === busy) {
      turns.again(tenant)
    } else {
      turns.rest(tenant)
      turns.add(tenant)
    }
    return tenant.name
  })
  assert.equal(order[0], 'single')
  assert.equal(order.filter((name) => name === 'single').length, 21, order.join(' '))
})

test('who rests is forgotten after a stride, and at once when nobody waits', () => {
  const forgotten: string[] = []
  const turns = new Turns<Tenant>(({ name }) => forgotten.push(name))
  const [a, b] = [createTenant('a'), createTenant('b')]
  turns.add(a)
  turns.add(b)
  assert.equal(turns.next(), a)
  turns.rest(a)
  assert.deepEqual(forgotten, [])
  turnsOf(turns, 1)
  assert.deepEqual(forgotten, ['a'])
  assert.equal(turns.next(), b)
  turns.rest(b)
  assert.deepEqual(forgotten, ['a', 'b'])
  assert.equal(turns.size, 0)
})

test('who leaves without a turn is forgotten, and the others keep theirs', () => {
  const forgotten: string[] = []
  const turns = new Turns<Tenant>(({ name }) => forgotten.push(name))
  const tenants = ['a', 'b', 'c', 'd'].map((name) => createTenant(name))
  for (const tenant of tenants) turns.add(tenant)
  turns.leave(tenants[0] as Tenant)
  turns.leave(tenants[2] as Tenant)
  turns.leave(tenants[2] as Tenant)
  assert.deepEqual(forgotten, ['a', 'c'])
  assert.equal(turns.size, 2)
  assert.deepEqual(turnsOf(turns, 4), ['b', 'd', 'b', 'd'])
})

/** The same rules by scanning everything. */
class Model {
  readonly #waiting: Tenant[] = []
  readonly #last = new Map<Tenant, number>()
  #clock = 0
  #order = 0
  #ahead: Tenant | undefined
  #mayGoAhead = true

  add(tenant: Tenant): void {
    const last = this.#last.get(tenant)
    const isNew = last === undefined || last <= this.#clock
    if (isNew && this.#mayGoAhead) {
      this.#mayGoAhead = false
      this.#ahead = tenant
    } else {
      this.again(tenant)
    }
  }

  again(tenant: Tenant): void {
    const instant = this.#clock + Math.ceil(2 ** 20 / tenant.weight)
    this.#waiting.push({ ...tenant, instant, order: this.#order++ })
  }

  next(): string | undefined {
    const ahead = this.#ahead
    this.#ahead = undefined
    if (ahead) return ahead.name
    this.#waiting.sort((a, b) => a.instant - b.instant || a.order - b.order)
    const first = this.#waiting.shift()
    if (first === undefined) return undefined
    this.#clock = first.instant
    this.#mayGoAhead = true
    return first.name
  }

  rest(tenant: Tenant): void {
    this.#last.set(tenant, this.#clock + Math.ceil(2 ** 20 / tenant.weight))
    if (this.#waiting.length > 0 || this.#ahead !== undefined) return
    this.#last.clear()
    this.#clock = 0
    this.#mayGoAhead = true
  }
}

test('any coming and going is served in the order of the model', () => {
  const step = fc.record({ who: fc.nat({ max: 7 }), more: fc.nat({ max: 3 }), isTurn: fc.boolean() })
  fc.assert(
    fc.property(
      fc.array(weightArbitrary, { minLength: 8, maxLength: 8 }),
      fc.array(step, { maxLength: 400 }),
      (weights, steps) => {
        const tenants = weights.map((weight, index) => createTenant(String(index), weight))
        const turns = new Turns<Tenant>(() => {})
        const model = new Model()
        const waiting = new Map<Tenant, number>()
        for (const { who, more, isTurn } of steps) {
          const tenant = tenants[who] as Tenant
          if (!isTurn) {
            if (waiting.has(tenant)) continue
            waiting.set(tenant, more)
            turns.add(tenant)
            model.add(tenant)
            continue
          }
          const next = turns.next()
          assert.equal(next?.name, model.next())
          if (next === undefined) continue
          const left = waiting.get(next) as number
          if (left > 0) {
            waiting.set(next, left - 1)
            turns.again(next)
            model.again(next)
          } else {
            waiting.delete(next)
            turns.rest(next)
            model.rest(next)
          }
          assert.equal(turns.size, waiting.size)
        }
      },
    ),
    { numRuns: 300 },
  )
})
