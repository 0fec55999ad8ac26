// Many scripts under many prefixes at the same time: nothing of one is ever seen by another.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertNothingLeft, startInspectedEngine } from '../support/inspected-engine.js'

const RUNS = 10_000
const SCRIPTS = 20
const PREFIXES = 10

/** Each script marks everything it can reach with its own number and looks for marks of others. */
const source = (n: number): string => `
local own = ${n}
local seen = rawget(_G, "mark") or string.mark or math.mark or getmetatable(_G)
function main(args)
  if seen or mark or string.mark or math.mark or getmetatable(_G) then return "marked at load: " .. tostring(mark) end
  if print == string.upper or tostring(7) ~= "7" or ("x"):upper() ~= "X" then return "patched" end
  mark, string.mark, math.mark = own, own, own
  string.upper = function() return "patched by " .. own end
  tostring = function() return "patched" end
  setmetatable(_G, { __index = function() return "leaked " .. own end })
  left = coroutine.create(function(secret) coroutine.yield(secret) end)
  coroutine.resume(left, args.secret)
  cache.put("last", { script = own, tenant = args.tenant, n = args.n })
  cache.put("n" .. args.n % 7, args.tenant)
  local last = cache.get("last")
  if last.tenant ~= args.tenant then return "foreign entry" end
  local other = cache.get("n" .. (args.n + 1) % 7, args.tenant)
  if other ~= args.tenant then return "foreign key" end
  print(args.tenant, own, args.n)
  return args.n * 100 + own
end`

describe('runs-cross', () => {
  test(`${RUNS} interleaved runs of ${SCRIPTS} scripts under ${PREFIXES} prefixes on two workers`, async (t) => {
    const lines: string[] = []
    const { engine, parts } = await startInspectedEngine(t, {
      threads: 2,
      maxQueue: RUNS,
      onPrint: (line, { script, cachePrefix }) => lines.push(`${script} ${cachePrefix} ${line}`),
    })
    const scripts = await Promise.all(
      Array.from({ length: SCRIPTS }, (_, i) => engine.load(source(i), { name: `s${i}.lua` })),
    )
    const expectedLines: string[] = []
    const results = await Promise.all(
      Array.from({ length: RUNS }, (_, n) => {
        const tenant = `tenant${(n * 7) % PREFIXES}`
        const index = (n * 13) % SCRIPTS
        expectedLines.push(`s${index}.lua ${tenant} ${tenant}\t${index}\t${n}`)
        const script = scripts[index] as (typeof scripts)[number]
        return script.run({ n, tenant, secret: `secret of ${n}` }, { cachePrefix: tenant })
      }),
    )
    results.forEach((result, n) => {
      assert.equal(result, n * 100 + ((n * 13) % SCRIPTS))
    })
    assert.deepEqual(lines.sort(), expectedLines.sort())
    assertNothingLeft(parts)
    assert.equal(engine.stats().cache.entries, PREFIXES * 8)
  })

  test('an image survives a script that fills its whole VM memory', async (t) => {
    const { engine } = await startInspectedEngine(t, { limits: { memoryBytes: 8 * 2 ** 20 } })
    const filler = await engine.load(
      'function main() local t = {} while true do t[#t + 1] = ("\\xff"):rep(65536) .. #t end end',
    )
    const script = await engine.load('local secret = ("s"):rep(1000) function main(n) return #secret + n end')
    for (let i = 0; i < 20; i++) {
      await assert.rejects(filler.run(), { code: 'MOONPOOL_MEMORY' })
      assert.equal(await script.run(i), 1000 + i)
    }
  })
})
