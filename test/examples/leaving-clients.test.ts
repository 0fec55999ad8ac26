// A client that leaves takes its run with it. Each HTTP example runs here with one thread, without a timeout worth the
// name, and with a limiter that loops for one user: only the client's leaving can stop that run, and until it is stopped
// nobody else is served.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type TestContext, test } from 'node:test'
import { projectRoot, readProjectFile } from '../support/project.js'
import { ask, askAndLeave, startServer } from './example-process.js'

const LOOP = `
local limit = main
function main(request)
  if request.user == "looping" then print("looping") while true do end end
  return limit(request)
end
`

/** A copy inside the package, so that it may import it by name. Gives its path as seen from examples/. */
function variantOf(t: TestContext, example: string): string {
  const folder = mkdtempSync(join(projectRoot, 'dist', 'example-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const original = readProjectFile(`examples/${example}`)
  const code = original.replace(
    'createEngine({ ',
    'createEngine({ threads: 1, limits: { timeoutMs: 86_400_000 }, onPrint: (line) => console.log(line), ',
  )
  assert.notEqual(code, original)
  writeFileSync(join(folder, 'server.mjs'), code)
  writeFileSync(join(folder, 'limiter.lua'), readProjectFile('examples/limiter.lua') + LOOP)
  return relative(join(projectRoot, 'examples'), join(folder, 'server.mjs'))
}

for (const example of ['server.mjs', 'express.mjs', 'fastify.mjs', 'hono.mjs']) {
  test(`${example}: a client that leaves takes its run with it`, async (t) => {
    const server = await startServer(t, variantOf(t, example))
    const running = server.heard(/^looping$/m)
    await askAndLeave(server, { 'x-tenant': 'acme', 'x-user': 'looping' }, running)
    const [status, body] = await ask(server, { 'x-tenant': 'acme', 'x-user': 'ann' })
    assert.equal(status, 200, body)
    const { code, stderr } = await server.stop('SIGTERM')
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  })
}
