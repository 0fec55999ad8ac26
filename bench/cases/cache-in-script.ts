// What a cache operation costs inside a script, one worker: hits, entries with a TTL, misses, the profile table, nine reads
// to a write, and reads while the main thread does nothing but block. The Lua loop around the calls is part of each figure.

import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import type { BenchCase, Goal, Measurement, Question } from '../case.js'
import { MOONPOOL, NAIVE } from '../contenders.js'
import type { Contender, ScriptHost } from '../script-host.js'

const SOURCE = `
local keys, timed, absent = {}, {}, {}
for i = 1, 1000 do
  keys[i], timed[i], absent[i] = "user:" .. i, "session:" .. i, "nobody:" .. i
end
local sets = { keys = keys, timed = timed, absent = absent }
local profile = {
  id = 123, name = "John Doe", email = "john@example.com", age = 42, active = true, score = 99.5, created = 1700000000,
  preferences = { theme = "dark", language = "en", notifications = { email = true, sms = false, push = true } },
  roles = { "user", "admin", "editor" },
  address = { street = "Main Street 1", city = "Springfield", zip = "12345", country = "US" },
}

function fill()
  for i = 1, 1000 do
    cache.put(keys[i], "value of user " .. i)
    cache.put_ttl(timed[i], "value of session " .. i, 3600)
  end
  cache.put("profile", profile)
  return cache.get(keys[1]), cache.get(timed[2]), cache.get(absent[3], "absent"), cache.get("profile").address.city
end
function fill_more(count)
  for i = 1, count do cache.put("more:" .. i, "value of more " .. i) end
end
function read(set, times)
  local get, keys = cache.get, sets[set]
  for i = 1, times do get(keys[i % 1000 + 1]) end
end
function read_profile(times)
  local get = cache.get
  for _ = 1, times do get("profile") end
end
function nine_to_one(times)
  local get, put_ttl = cache.get, cache.put_ttl
  for i = 1, times do
    if i % 10 == 0 then put_ttl(keys[i % 1000 + 1], "value", 3600) else get(keys[i % 1000 + 1]) end
  end
end
`
const PREFIX = 'tenant_123'

async function openFilled(contender: Contender, moreEntries = 0): Promise<ScriptHost> {
  const host = await contender.open(SOURCE)
  await host.call('fill', [], PREFIX)
  if (moreEntries > 0) await host.call('fill_more', [moreEntries], PREFIX)
  return host
}

/** Calls with `times` until the time is over; each call holds many operations. */
async function repeat(
  host: ScriptHost,
  call: string,
  args: readonly unknown[],
  times: number,
  forMs: number,
): Promise<Measurement> {
  const startMs = performance.now()
  let operations = 0
  while (performance.now() - startMs < forMs) {
    await host.call(call, [...args, times], PREFIX)
    operations += times
  }
  return { operations, seconds: (performance.now() - startMs) / 1000 }
}

interface Work {
  readonly name: string
  readonly call: string
  readonly args: readonly unknown[]
  readonly goals?: readonly Goal[]
  readonly moreEntries?: number
}

function workCase(contender: Contender, work: Work, times: number): BenchCase {
  return {
    name: `${contender.name} ${work.name}`,
    goals: work.goals ?? [],
    open: async () => {
      const host = await openFilled(contender, work.moreEntries)
      return {
        check: async () => {
          const found = await host.call('fill', [], PREFIX)
          assert.deepEqual(found, ['value of user 1', 'value of session 2', 'absent', 'Springfield'])
        },
        measure: (forMs) => repeat(host, work.call, work.args, times, forMs),
        cleanup: () => host.close(),
      }
    },
  }
}

/** One long run reads while the main thread spins: it cannot answer anybody. */
function blockedCase(contender: Contender): BenchCase {
  return {
    name: `${contender.name} hit, main thread blocked`,
    open: async () => {
      const host = await openFilled(contender)
      return {
        check: async () => {},
        measure: async (forMs) => {
          const times = Math.round(forMs * 2_000)
          const startMs = performance.now()
          const run = host.call('read', ['keys', times], PREFIX)
          await new Promise((resolve) => setTimeout(resolve, 5))
          const untilMs = performance.now() + forMs / 4
          while (performance.now() < untilMs);
          await run
          return { operations: times, seconds: (performance.now() - startMs) / 1000 }
        },
        cleanup: () => host.close(),
      }
    },
  }
}

const perSecond = (atLeast: number): Goal[] => [{ figure: 'perSecond', atLeast }]
const WORKS: readonly Work[] = [
  { name: 'hit', call: 'read', args: ['keys'], goals: perSecond(6_500_000) },
  { name: 'hit with a TTL', call: 'read', args: ['timed'], goals: perSecond(5_500_000) },
  { name: 'miss', call: 'read', args: ['absent'], goals: perSecond(12_000_000) },
  { name: 'profile table', call: 'read_profile', args: [], goals: perSecond(600_000) },
  { name: 'nine reads to a write', call: 'nine_to_one', args: [], goals: perSecond(2_500_000) },
  { name: 'hit among 10,000', call: 'read', args: ['keys'], moreEntries: 8_000 },
  { name: 'hit among 50,000', call: 'read', args: ['keys'], moreEntries: 47_999 },
]
const TIMES = 50_000
const TIMES_NAIVE = 200

export const question: Question = {
  text: 'What does a cache operation cost inside a script?',
  cases: [
    ...WORKS.map((work) => workCase(MOONPOOL, work, TIMES)),
    blockedCase(MOONPOOL),
    ...WORKS.slice(0, 5).map((work) => workCase(NAIVE, { ...work, goals: [] }, TIMES_NAIVE)),
  ],
  comparisons: [
    { subject: 'moonpool hit', peer: 'naive hit', atLeast: 400 },
    ...WORKS.slice(1, 5).map(({ name }) => ({ subject: `moonpool ${name}`, peer: `naive ${name}` })),
    { subject: 'moonpool hit, main thread blocked', peer: 'moonpool hit' },
    { subject: 'moonpool hit among 10,000', peer: 'moonpool hit', figure: 'eachUs' as const, atMost: 1.3 },
    { subject: 'moonpool hit among 50,000', peer: 'moonpool hit', figure: 'eachUs' as const, atMost: 1.3 },
  ],
}
