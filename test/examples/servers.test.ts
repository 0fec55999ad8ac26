// The HTTP examples: each is started on a free port, limits each user of each tenant, outlives clients that leave, and
// ends with exit code 0 and nothing said when it is told to.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, askAndLeave, type ServerProcess, startServer } from './example-process.js'

const SERVERS = ['server.mjs', 'express.mjs', 'fastify.mjs', 'hono.mjs']
const PER_MINUTE = 5
const LEAVING_CLIENTS = 50

async function askTimes(
  server: ServerProcess,
  times: number,
  tenant: string,
  user: string,
): Promise<number[]> {
  const statuses: number[] = []
  for (let i = 0; i < times; i++) {
    const [status, body] = await ask(server, { 'x-tenant': tenant, 'x-user': user })
    assert.ok(body.length > 0)
    statuses.push(status)
  }
  return statuses
}

const allowed = (times: number): number[] => Array.from({ length: times }, () => 200)

for (const file of SERVERS) {
  test(`${file} limits each user of each tenant, and ends when it is told to`, async (t) => {
    const server = await startServer(t, file)
    assert.deepEqual(await askTimes(server, PER_MINUTE + 2, 'acme', 'ann'), [
      ...allowed(PER_MINUTE),
      429,
      429,
    ])
    assert.deepEqual(await askTimes(server, 1, 'acme', 'bob'), [200])
    assert.deepEqual(await askTimes(server, 1, 'zenith', 'ann'), [200])
    const { code, signal, stderr } = await server.stop('SIGTERM')
    assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
  })

  test(`${file} refuses requests without a tenant and outlives clients that leave`, async (t) => {
    const server = await startServer(t, file)
    const [status, body] = await ask(server, { 'x-user': 'ann' })
    assert.equal(status, 400, body)
    for (let i = 0; i < LEAVING_CLIENTS; i++)
      await askAndLeave(server, { 'x-tenant': 'leaving', 'x-user': 'all' })
    assert.deepEqual(await askTimes(server, PER_MINUTE, 'acme', 'ann'), allowed(PER_MINUTE))
    const { code, signal, stderr } = await server.stop('SIGINT')
    assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
  })
}
