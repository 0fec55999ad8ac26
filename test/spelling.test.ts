import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestName } from '../src/spelling.js'

const NAMES = ['maxEntries', 'maxBytes', 'maxValueBytes', 'defaultTtlMs', 'cachePrefix', 'limits.timeoutMs']

const CASES: readonly (readonly [string, string | undefined])[] = [
  ['maxEntires', 'maxEntries'],
  ['maxentries', 'maxEntries'],
  ['max_entries', 'maxEntries'],
  ['maxEntry', 'maxEntries'],
  ['maxByte', 'maxBytes'],
  ['ValueBytes', 'maxValueBytes'],
  ['defaultTtl', 'defaultTtlMs'],
  ['cachePrefx', 'cachePrefix'],
  ['prefix', 'cachePrefix'],
  ['timeout', 'limits.timeoutMs'],
  ['timeoutMS', 'limits.timeoutMs'],
  ['xyzzy', undefined],
  ['', undefined],
  ['a', undefined],
  ['x'.repeat(100_000), undefined],
]

for (const [given, expected] of CASES) {
  test(`${given.slice(0, 20) || 'nothing'} is near ${expected ?? 'nothing'}`, () => {
    assert.equal(nearestName(given, NAMES), expected)
  })
}

test('of equally near names the first wins', () => {
  assert.equal(nearestName('abcx', ['abca', 'abcb']), 'abca')
})
