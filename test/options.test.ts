// Every option: its default, its bounds, and what is said when it is wrong.

import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { resolveEngineOptions } from '../src/options.js'
import { thrown } from './support/rejection.js'

const MIB = 2 ** 20

test('nothing given: the documented defaults', () => {
  const expected = {
    threads: Math.max(1, availableParallelism() - 1),
    spareThreads: 1,
    niceIncrement: 0,
    maxQueue: 10_000,
    tenants: { maxQueue: undefined, maxConcurrent: undefined, weight: undefined },
    cache: {
      maxEntries: 50_000,
      maxBytes: 64 * MIB,
      maxValueBytes: MIB,
      maxKeyBytes: 1024,
      defaultTtlMs: undefined,
      maxTtlMs: undefined,
      requirePrefix: false,
      nilIsMiss: false,
    },
    limits: {
      timeoutMs: 1000,
      memoryBytes: 64 * MIB,
      maxArgumentBytes: 8 * MIB,
      maxResultBytes: 8 * MIB,
      sourceBytes: MIB,
      imageBytes: 64 * MIB,
      evalScripts: 256,
      graceMs: 100,
    },
    onPrint: undefined,
  }
  const nothings = [
    undefined,
    {},
    Object.create(null),
    { cache: {}, limits: {} },
    { threads: undefined, cache: undefined, limits: { timeoutMs: undefined }, onPrint: undefined },
  ]
  for (const nothing of nothings) assert.deepEqual(resolveEngineOptions(nothing), expected)
})

interface NumberOption {
  readonly path: string
  readonly least: number
  readonly most: number
  readonly takesFractions?: boolean
}

const NUMBERS: readonly NumberOption[] = [
  { path: 'threads', least: 1, most: 128 },
  { path: 'spareThreads', least: 0, most: 1 },
  { path: 'niceIncrement', least: 0, most: 19 },
  { path: 'maxQueue', least: 1, most: 10_000_000 },
  { path: 'tenants.maxQueue', least: 1, most: 10_000_000 },
  { path: 'tenants.maxConcurrent', least: 1, most: 10_000_000 },
  { path: 'cache.maxEntries', least: 1, most: 10_000_000 },
  { path: 'cache.maxBytes', least: 1024, most: 4 * 1024 * MIB },
  { path: 'cache.maxValueBytes', least: 1, most: 64 * MIB },
  { path: 'cache.maxKeyBytes', least: 1, most: 65_535 },
  { path: 'cache.defaultTtlMs', least: 1, most: 2 ** 53 - 1, takesFractions: true },
  { path: 'cache.maxTtlMs', least: 1, most: 2 ** 53 - 1, takesFractions: true },
  { path: 'limits.timeoutMs', least: 1, most: 86_400_000, takesFractions: true },
  { path: 'limits.memoryBytes', least: 4 * MIB, most: 1024 * MIB },
  { path: 'limits.maxArgumentBytes', least: 1, most: 256 * MIB },
  { path: 'limits.maxResultBytes', least: 1, most: 256 * MIB },
  { path: 'limits.sourceBytes', least: 1, most: 64 * MIB },
  { path: 'limits.imageBytes', least: MIB, most: 1024 * MIB },
  { path: 'limits.evalScripts', least: 1, most: 65_536 },
  { path: 'limits.graceMs', least: 0, most: 60_000, takesFractions: true },
]

function withOption(path: string, value: unknown): Record<string, unknown> {
  const [section = '', name] = path.split('.')
  return name === undefined ? { [section]: value } : { [section]: { [name]: value } }
}

function settingOf(options: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], options)
}

for (const { path, least, most, takesFractions = false } of NUMBERS) {
  test(`${path}: ${least} to ${most}, nothing else`, () => {
    for (const right of [least, most]) {
      assert.equal(settingOf(resolveEngineOptions(withOption(path, right)), path), right)
    }
    const wrong: unknown[] = [
      least - 1,
      most + 1,
      -1,
      -0.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      null,
      '',
      '5',
      `${least}`,
      5n,
      true,
      [least],
      {},
      () => least,
      Symbol('five'),
      new Date(5),
    ]
    if (least > 0) wrong.push(0, -0)
    if (!takesFractions) wrong.push(least + 0.5)
    for (const given of wrong) {
      const error = thrown(() => resolveEngineOptions(withOption(path, given)), 'MOONPOOL_INVALID_OPTION')
      assert.ok(error.message.startsWith(`createEngine: ${path} must be a `), error.message)
      assert.ok(
        error.message.includes(`of ${least.toLocaleString('en-US')} to ${most.toLocaleString('en-US')}`),
        error.message,
      )
    }
  })
}

test('milliseconds may be fractions, and are rounded up', () => {
  const { cache, limits } = resolveEngineOptions({
    cache: { defaultTtlMs: 1.2, maxTtlMs: 99.5 },
    limits: { timeoutMs: 1000.001, graceMs: 0.1 },
  })
  assert.equal(cache.defaultTtlMs, 2)
  assert.equal(cache.maxTtlMs, 100)
  assert.equal(limits.timeoutMs, 1001)
  assert.equal(limits.graceMs, 1)
})

test('memoryBytes becomes a multiple of 64 KiB', () => {
  const { limits } = resolveEngineOptions({ limits: { memoryBytes: 5 * MIB + 1 } })
  assert.equal(limits.memoryBytes, 5 * MIB + 65_536)
})

test('flags and listeners are what they are', () => {
  for (const name of ['requirePrefix', 'nilIsMiss']) {
    assert.equal(settingOf(resolveEngineOptions({ cache: { [name]: true } }), `cache.${name}`), true)
    for (const given of [0, 1, 'true', null]) {
      thrown(
        () => resolveEngineOptions({ cache: { [name]: given } }),
        'MOONPOOL_INVALID_OPTION',
        /must be true or false, got/,
      )
    }
  }
  const onPrint = (): void => {}
  assert.equal(resolveEngineOptions({ onPrint }).onPrint, onPrint)
  const weight = (): number => 1
  assert.equal(resolveEngineOptions({ tenants: { weight } }).tenants.weight, weight)
  thrown(
    () => resolveEngineOptions({ tenants: { weight: 3 } }),
    'MOONPOOL_INVALID_OPTION',
    /tenants\.weight must be a function \(cachePrefix\) => number, got 3/,
  )
  for (const onPrint of [null, console, 'log']) {
    thrown(() => resolveEngineOptions({ onPrint }), 'MOONPOOL_INVALID_OPTION', /onPrint must be a function/)
  }
})

test('options come in plain objects', () => {
  class Settings {
    threads = 2
  }
  for (const given of [null, 2, 'threads', [], new Map([['threads', 2]]), new Settings(), () => 2]) {
    thrown(
      () => resolveEngineOptions(given),
      'MOONPOOL_INVALID_OPTION',
      /the options must be a plain object, got/,
    )
    thrown(
      () => resolveEngineOptions({ limits: given }),
      'MOONPOOL_INVALID_OPTION',
      /limits must be a plain object, got/,
    )
  }
})

test('unknown options are refused with the nearest right spelling', () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ cache: { maxEntires: 5 } }, 'unknown option cache.maxEntires: did you mean maxEntries?'],
    [{ cache: { max_entries: 5 } }, 'unknown option cache.max_entries: did you mean maxEntries?'],
    [{ cache: { defaultTTL: 5 } }, 'unknown option cache.defaultTTL: did you mean defaultTtlMs?'],
    [{ treads: 2 }, 'unknown option treads: did you mean threads?'],
    [{ tenants: { weigth: 5 } }, 'unknown option tenants.weigth: did you mean weight?'],
    [{ maxConcurrent: 5 }, 'unknown option maxConcurrent: did you mean tenants.maxConcurrent?'],
    [{ timeoutMs: 5 }, 'unknown option timeoutMs: did you mean limits.timeoutMs?'],
    [{ limits: { timeout: 5 } }, 'unknown option limits.timeout: did you mean timeoutMs?'],
    [{ memory: 5 }, 'unknown option memory: did you mean limits.memoryBytes?'],
    [{ limits: { maxQueue: 5 } }, 'unknown option limits.maxQueue: did you mean maxQueue?'],
    [
      { xyzzy: 5 },
      'unknown option xyzzy: known here: threads, spareThreads, niceIncrement, maxQueue, tenants, cache, limits, onPrint',
    ],
    [
      { ['__proto__']: 5 },
      'unknown option __proto__: known here: threads, spareThreads, niceIncrement, maxQueue, tenants, cache, limits, onPrint',
    ],
  ]
  for (const [given, text] of cases) {
    const error = thrown(() => resolveEngineOptions(given), 'MOONPOOL_INVALID_OPTION')
    assert.equal(error.message, `createEngine: ${text}`)
  }
})

test('each option’s misspellings lead back to it', () => {
  const { cache, limits, ...settings } = resolveEngineOptions({})
  const misspellings = (name: string): string[] => {
    const middle = Math.floor(name.length / 2)
    const swapped = `${name.slice(0, middle)}${name[middle + 1]}${name[middle]}${name.slice(middle + 2)}`
    const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    return [
      swapped,
      snake,
      `${name}s`,
      name.toLowerCase(),
      `${name.slice(0, middle)}${name.slice(middle + 1)}`,
    ]
  }
  for (const [section, holder] of Object.entries({ '': { ...settings, cache, limits }, cache, limits })) {
    const names = Object.keys(holder)
    for (const name of names) {
      for (const wrong of misspellings(name).filter((word) => !names.includes(word))) {
        const path = section === '' ? wrong : `${section}.${wrong}`
        const error = thrown(() => resolveEngineOptions(withOption(path, 1)), 'MOONPOOL_INVALID_OPTION')
        assert.equal(error.message, `createEngine: unknown option ${path}: did you mean ${name}?`)
      }
    }
  }
})

test('all problems at once', () => {
  const error = thrown(
    () =>
      resolveEngineOptions({
        threads: 0,
        foo: 1,
        bar: 2,
        cache: { maxEntires: 10, maxBytes: '64MB', requirePrefix: 1 },
        limits: { timeoutMs: Number.NaN },
        onPrint: 'console.log',
      }),
    'MOONPOOL_INVALID_OPTION',
  )
  const [head, ...lines] = error.message.split('\n  ')
  assert.equal(head, 'createEngine: 8 options are wrong')
  assert.deepEqual(lines.map((line) => line.replace(/^unknown option |[: ] ?.*$/g, '')).sort(), [
    'bar',
    'cache.maxBytes',
    'cache.maxEntires',
    'cache.requirePrefix',
    'foo',
    'limits.timeoutMs',
    'onPrint',
    'threads',
  ])
  assert.ok(lines.includes('limits.timeoutMs must be a number of 1 to 86,400,000 (milliseconds), got NaN'))
  assert.ok(
    lines.some((line) => line.startsWith('cache.maxBytes ') && line.endsWith('got the string "64MB"')),
  )
})

test('what was given is shown short', () => {
  const error = thrown(() => resolveEngineOptions({ threads: 'x'.repeat(10_000) }), 'MOONPOOL_INVALID_OPTION')
  assert.ok(error.message.length < 200)
})
