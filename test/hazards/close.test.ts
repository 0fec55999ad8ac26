// Closing an engine at awkward moments.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { createEngine } from '../../src/index.js'
import { rejection } from '../support/rejection.js'

describe('close', () => {
  test('close-during-run: accepted runs finish, queued ones too, later ones reject', async () => {
    const engine = await createEngine({ threads: 1 })
    const script = await engine.load(
      'function main(n) local s = 0 for i = 1, 1e5 do s = s + i end return n end',
    )
    const runs = Array.from({ length: 50 }, (_, i) => script.run(i))
    const closing = engine.close()
    await rejection(script.run(1), 'MOONPOOL_CLOSED')
    await rejection(engine.eval('return 1'), 'MOONPOOL_CLOSED')
    assert.deepEqual(
      await Promise.all(runs),
      runs.map((_, i) => i),
    )
    await closing
    assert.equal(engine.stats().threads, 0)
  })

  test('close-twice: both calls give the same promise, a third after the end resolves', async () => {
    const engine = await createEngine({ threads: 1 })
    const [first, second] = [engine.close(), engine.close()]
    assert.equal(first, second)
    await first
    await engine.close()
  })

  test('close-before-anything-ran', async () => {
    const engine = await createEngine({ threads: 2 })
    await engine.close()
    assert.deepEqual(engine.stats().threads, 0)
  })

  test('close-with-an-endless-run: after graceMs running and queued ones reject with MOONPOOL_CLOSED', async () => {
    const engine = await createEngine({ threads: 1 })
    const endless = rejection(engine.eval('while true do end', [], { timeoutMs: 60_000 }), 'MOONPOOL_CLOSED')
    const queued = rejection(engine.eval('return 1'), 'MOONPOOL_CLOSED')
    await engine.close({ graceMs: 50 })
    await Promise.all([endless, queued])
  })

  test('T10: the process exits by itself: closed, idle and never closed, and with a run pending only after it', () => {
    const index = new URL('../../src/index.js', import.meta.url).href
    const program = (body: string): string =>
      `import { createEngine } from ${JSON.stringify(index)}\nconst engine = await createEngine({ threads: 1 })\n${body}`
    const programs: Record<string, string> = {
      closed: 'await engine.eval("return 1"); await engine.close(); console.log("end")',
      idle: 'await engine.eval("return 1"); console.log("end")',
      unused: 'console.log("end")',
      pending:
        'engine.eval("local t = os.clock() while os.clock() - t < 0.3 do end").then(() => console.log("end"))',
    }
    for (const [name, body] of Object.entries(programs)) {
      const args = ['--input-type=module', '-e', program(body)]
      const { status, stdout, stderr } = spawnSync(process.execPath, args, {
        timeout: 30_000,
        encoding: 'utf8',
      })
      assert.deepEqual({ name, status, stdout, stderr }, { name, status: 0, stdout: 'end\n', stderr: '' })
    }
  })
})
