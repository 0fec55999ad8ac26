// The tokenizer of moonpool check: strings, long brackets, comments, numbers, lines.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { tokensOf } from '../../src/cli/lua-tokens.js'
import { projectFiles, readProjectFile } from '../support/project.js'

const brief = (source: string): string[] => tokensOf(source).map(({ kind, text }) => `${kind[0]} ${text}`)

test('names, keywords, symbols', () => {
  assert.deepEqual(brief('local x_1 = a.b:c(...) // 2 ~= 3 .. "" ::l:: <<'), [
    'k local',
    'n x_1',
    's =',
    'n a',
    's .',
    'n b',
    's :',
    'n c',
    's (',
    's ...',
    's )',
    's //',
    'n 2',
    's ~=',
    'n 3',
    's ..',
    's ',
    's ::',
    'n l',
    's ::',
    's <<',
  ])
})

test('strings of every kind are one token, comments none', () => {
  assert.deepEqual(brief(`'it''s' "a\\"b" "\\\\" [[long ]=] "x" ]] [==[ ]] ]=] ]==]`), [
    's it',
    's s',
    's a\\"b',
    's \\\\',
    's long ]=] "x" ',
    's  ]] ]=] ',
  ])
  assert.deepEqual(brief('-- "a\n--[[ b\n]] c --[==[ ]] ]==] d --[ e\nf'), ['n c', 'n d', 'n f'])
  assert.deepEqual(brief('"a\\\nb" "c\\z\n  \n d" e'), ['s a\\\nb', 's c\\z\n  \n d', 'n e'])
})

test('numbers are one token', () => {
  for (const number of [
    '0',
    '3.14',
    '.5',
    '1e10',
    '1E-5',
    '0xFF',
    '0x.8p-3',
    '0XA.bP+2',
    '1e+5',
    '0x1p4',
    '3.',
  ]) {
    assert.deepEqual(brief(`${number} x`), [`n ${number}`, 'n x'], number)
  }
  assert.deepEqual(brief('a[1]..b'), ['n a', 's [', 'n 1', 's ]', 's ..', 'n b'])
  assert.deepEqual(brief('0xe+1'), ['n 0xe', 's +', 'n 1'])
})

test('lines are counted as Lua counts them', () => {
  const lines = (source: string): number[] => tokensOf(source).map(({ line }) => line)
  assert.deepEqual(lines('a\nb\r\nc\rd\n\re'), [1, 2, 3, 4, 5])
  assert.deepEqual(lines('[[\n\n]] a "x\\\n" b --[[\n]] c'), [1, 3, 3, 4, 5])
})

test('what is no Lua comes to an end, too', () => {
  for (const source of [
    '"open',
    "'open\nx",
    '[[open',
    '--[[open',
    '"\\',
    '@#$`',
    '[=',
    '[==x',
    '\0',
    '"\\z  ',
  ]) {
    assert.ok(tokensOf(source).length <= source.length)
  }
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'"\'[]=-\\z\n\r a0x.e+~<') }), (source) => {
      const tokens = tokensOf(source)
      return tokens.every(({ line }, index) => line >= (tokens[index - 1]?.line ?? 1))
    }),
  )
})

test('long sources take no longer than long', () => {
  const text = 'x'.repeat(500_000)
  assert.deepEqual(
    tokensOf(`"${text}" [[${text}]] --${text}\n"\\z${' '.repeat(500_000)}`).map((token) => token.line),
    [1, 1, 2],
  )
})

test('the project’s own Lua: no token crosses a string', () => {
  for (const file of projectFiles().filter((path) => path.endsWith('.lua'))) {
    for (const { kind, text } of tokensOf(readProjectFile(file))) {
      if (kind === 'symbol') assert.match(text, /^[^\s\w"'\\]+$/, `${file}: ${text}`)
    }
  }
})
