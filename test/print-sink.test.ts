// T12: where printed lines go, and that no listener can hurt the run that printed.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { PrintInfo, PrintListener } from '../src/index.js'
import { createPrintSink } from '../src/print-sink.js'
import { startFakedEngine } from './support/fake-dispatcher.js'

interface Warning {
  readonly message: string
  readonly code: string
  readonly detail: string | undefined
}

/** Catches what would go to the process's warnings. */
function catchWarnings(t: TestContext): Warning[] {
  const warnings: Warning[] = []
  t.mock.method(
    process,
    'emitWarning',
    (message: string, { code, detail }: { code: string; detail?: string }) => {
      warnings.push({ message, code, detail })
    },
  )
  return warnings
}

test('the listener gets line, script and prefix', async (t) => {
  const lines: (readonly [string, PrintInfo])[] = []
  const { dispatcher } = await startFakedEngine(t, { onPrint: (line, info) => lines.push([line, info]) })
  dispatcher.config.onPrint('one', 'x.lua', 'tenant_123', undefined)
  dispatcher.config.onPrint('two', 'x.lua', undefined, undefined)
  assert.deepEqual(lines, [
    ['one', { script: 'x.lua', cachePrefix: 'tenant_123', context: undefined }],
    ['two', { script: 'x.lua', cachePrefix: undefined, context: undefined }],
  ])
})

test('without a listener the first line of an engine warns, naming the option', async (t) => {
  const warnings = catchWarnings(t)
  const { dispatcher } = await startFakedEngine(t)
  const other = (await startFakedEngine(t)).dispatcher
  assert.equal(warnings.length, 0)
  for (let n = 0; n < 100; n++) dispatcher.config.onPrint(`secret ${n}`, 'x.lua', 'a', undefined)
  assert.equal(warnings.length, 1)
  assert.equal(warnings[0]?.code, 'MOONPOOL_PRINT_DROPPED')
  assert.match(warnings[0]?.message ?? '', /onPrint/)
  assert.doesNotMatch(warnings[0]?.message ?? '', /secret/)
  other.config.onPrint('line', 'x.lua', 'a', undefined)
  assert.equal(warnings.length, 2)
})

test('a listener that throws touches nothing, and is reported once', (t) => {
  const warnings = catchWarnings(t)
  let calls = 0
  const sink = createPrintSink(() => {
    calls++
    throw new Error('log is full')
  })
  for (let n = 0; n < 10; n++) sink('line', 'x.lua', undefined, undefined)
  assert.equal(calls, 10)
  assert.equal(warnings.length, 1)
  assert.equal(warnings[0]?.code, 'MOONPOOL_PRINT_FAILED')
  assert.match(warnings[0]?.detail ?? '', /log is full/)
})

test('whatever is thrown, even what cannot be shown', (t) => {
  const warnings = catchWarnings(t)
  const failingStack = Object.defineProperty(new Error('x'), 'stack', { get: () => assert.fail() })
  for (const thing of [
    failingStack,
    undefined,
    null,
    5,
    Symbol('x'),
    Object.create(null),
    { toString: () => assert.fail() },
  ]) {
    const sink = createPrintSink(() => {
      throw thing
    })
    sink('line', 'x.lua', undefined, undefined)
  }
  assert.equal(warnings.length, 7)
})

test('an async listener that rejects is reported, not left unhandled', async (t) => {
  const warnings = catchWarnings(t)
  const listener: PrintListener = async () => {
    throw new Error('socket closed')
  }
  const sink = createPrintSink(listener)
  sink('line', 'x.lua', undefined, undefined)
  sink('line', 'x.lua', undefined, undefined)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(warnings.length, 1)
  assert.match(warnings[0]?.detail ?? '', /socket closed/)
})
