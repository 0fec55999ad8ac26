// Another tenant, and the host, beside a script that does its worst: what they see must stay as it was.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Engine, EngineOptions, Script } from '../../src/index.js'
import { startEngine } from './engine.js'

const VICTIM = 'victim'
const SECRET = 's3cret-of-the-victim'

/** Says what it finds wrong with its world, or its argument. */
const SOURCE = `
local upper, type, tostring, getmetatable, rawget = string.upper, type, tostring, getmetatable, rawget
function main(n)
  if cache.get("secret") ~= "${SECRET}" then return "secret: " .. tostring(cache.get("secret")) end
  if ("x"):upper() ~= "X" or string.upper ~= upper then return "string" end
  if getmetatable(_G) ~= nil or getmetatable("") ~= false then return "metatable" end
  for _, name in ipairs { "mark", "left", "attacker" } do if rawget(_G, name) ~= nil then return name end end
  if tostring(1.5) ~= "1.5" or #tostring({}) < 8 or math.type(3) ~= "integer" then return "basics" end
  if select("#", coroutine.running()) ~= 2 or coroutine.status(coroutine.running()) ~= "running" then return "coroutine" end
  local t = setmetatable({}, { __index = function(_, k) return k * 2 end })
  if t[21] ~= 42 or #table.concat({ "a", "b" }, ",") ~= 3 or ("%5.1f"):format(2.25) ~= "  2.2" then return "work" end
  return n
end`

export interface Bystander {
  readonly engine: Engine
  /** Fails if anybody else notices what has happened so far. */
  readonly assertUnharmed: (what: string) => Promise<void>
}

/** One worker, so that the victim's run follows in the very VM in which the attack ran. */
export async function startBystander(t: TestContext, options: EngineOptions = {}): Promise<Bystander> {
  const engine = await startEngine(t, options)
  const tenant = engine.cache.withPrefix(VICTIM)
  await tenant.put('secret', SECRET)
  const script: Script = await engine.load(SOURCE, { name: 'victim.lua' })
  const inherited = Object.getOwnPropertyNames(Object.prototype).join()
  let calls = 0
  const assertUnharmed = async (what: string): Promise<void> => {
    const n = ++calls
    assert.equal(await script.run(n, { cachePrefix: VICTIM }), n, what)
    assert.equal(await tenant.get('secret'), SECRET, what)
    assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), inherited, what)
    assert.equal(({} as { polluted?: unknown }).polluted, undefined, what)
  }
  await assertUnharmed('before anything')
  return { engine, assertUnharmed }
}

export const ATTACKER = { cachePrefix: 'attacker' }

/** Attacks by name: what is executed, and what its first result must be. */
export type Attacks = Readonly<Record<string, readonly [source: string, gives: unknown]>>

/** Carries them out one by one; after each, nobody else may have noticed. */
export async function attack(t: TestContext, attacks: Attacks): Promise<void> {
  const { engine, assertUnharmed } = await startBystander(t)
  for (const [name, [source, gives]] of Object.entries(attacks)) {
    assert.deepEqual(await engine.eval(source, [], ATTACKER), gives, name)
    await assertUnharmed(name)
  }
}
