// Which messages are taken; what each does is tested with the threads that send them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMessageHandler, type HandlerContext } from '../../src/dispatch/handlers.js'
import type { WorkerSlot } from '../../src/dispatch/worker-slots.js'
import { OPERATIONS } from '../../src/shared/operations.js'
import { createRun } from './fixture.js'

const KNOWN_RUN = 1

function createHandler() {
  const run = createRun(KNOWN_RUN)
  const printed: string[] = []
  const defects: unknown[] = []
  const handle = createMessageHandler({
    ledger: { get: (id: number) => (id === KNOWN_RUN ? run : undefined) },
    settler: { rejectDefect: (_run: unknown, _slot: unknown, error: unknown) => defects.push(error) },
    onPrint: (line: string) => {
      if (line === 'bad') throw new Error('a listener that fails')
      printed.push(line)
    },
  } as unknown as HandlerContext)
  const say = (operation: number, runId: number, line = 'hello'): void => {
    const bytes = Buffer.from(line)
    handle({
      outbox: { ring: { operation, runId }, bytes, at: 0, lengthBytes: bytes.length },
    } as unknown as WorkerSlot)
  }
  return { say, printed, defects }
}

test('operations have numbers of their own, each in a byte', () => {
  const codes = Object.values(OPERATIONS).map(({ code }) => code)
  assert.equal(new Set(codes).size, codes.length)
  assert.ok(codes.every((code) => Number.isInteger(code) && code > 0 && code < 256))
})

test('a message of no known operation, or of no run that is open, is passed over', () => {
  const { say, printed, defects } = createHandler()
  const known = new Set<number>(Object.values(OPERATIONS).map(({ code }) => code))
  for (let code = 0; code < 256; code++) if (!known.has(code)) say(code, KNOWN_RUN)
  for (const code of known) say(code, KNOWN_RUN + 1)
  assert.deepEqual([printed, defects], [[], []])
  say(OPERATIONS.print.code, KNOWN_RUN)
  assert.deepEqual(printed, ['hello'])
})

test('a handler that throws rejects its run as a defect of main', () => {
  const { say, defects } = createHandler()
  say(OPERATIONS.print.code, KNOWN_RUN, 'bad')
  assert.match(String(defects), /a listener that fails/)
})
