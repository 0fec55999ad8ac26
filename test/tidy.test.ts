// Checks of the source tree itself: names, words and settings that must not creep in. Who may import whom is
// checked in tidy-imports.test.ts. Every failure says how to mend it.

import assert from 'node:assert/strict'
import { posix } from 'node:path'
import { test } from 'node:test'
import { projectFiles, readProjectFile } from './support/project.js'
import { typescriptFiles, withoutComments } from './support/source-imports.js'

const TEXT_FILE = /(?:\.(?:ts|js|mjs|json|md|lua|yml|txt)|^\.npmrc|^\.gitignore|^\.ci\/.*|^LICENSE)$/
const textFiles = projectFiles().filter((file) => TEXT_FILE.test(file))

/** Fails with one line for each offence, then the fix. */
function assertNone(offences: readonly string[], fix: string): void {
  assert.ok(offences.length === 0, `\n  ${offences.join('\n  ')}\nTo mend: ${fix}`)
}

/** `file:line: text` of every line that the pattern matches. */
function linesMatching(files: readonly string[], pattern: RegExp, read = readProjectFile): string[] {
  return files.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  )
}

const readCode = (file: string): string => withoutComments(readProjectFile(file))

test('the walk sees the tree', () => {
  assert.ok(textFiles.includes('package.json') && textFiles.includes('src/limits.ts'))
})

test('no file is a drawer for things without a name', () => {
  assertNone(
    projectFiles().filter((file) => /^(?:utils?|helpers?|common|misc)\b/i.test(posix.basename(file))),
    'name the file after the one thing it holds; what has a name has a home',
  )
})

test('source files are named in kebab-case', () => {
  assertNone(
    projectFiles()
      .filter((file) => /\.(?:ts|mjs|lua)$/.test(file) && !file.startsWith('examples/seed/'))
      .filter(
        (file) =>
          !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|stress|d))?\.(?:ts|mjs|lua)$/.test(posix.basename(file)),
      ),
    'use small letters and hyphens: value-bytes.ts',
  )
})

test('nothing is left to do later', () => {
  assertNone(
    linesMatching(textFiles, /\b(?:TO(?:DO)|FIX(?:ME)|XX(?:X)|HAC(?:K))\b/),
    'do it now, or write it down where work is planned',
  )
})

test('the type checker is never switched off', () => {
  assertNone(
    linesMatching(
      typescriptFiles,
      /@ts-(?:ignore|nocheck|expect-error)|biome-ignore lint\/suspicious\/noExplicitAny/,
    ),
    'state the type that it is; narrow `unknown` where it enters',
  )
  assertNone(
    linesMatching(typescriptFiles, /(?::|\bas|<|\|)\s*any\b(?=\s*[;,)=>[\]|&{]|$)/, readCode),
    'use `unknown` and narrow it, or a type of ours',
  )
})

test('no test is skipped or singled out', () => {
  assertNone(
    linesMatching(
      typescriptFiles.filter((file) => file.startsWith('test/')),
      /\b(?:test|it|describe)\.(?:only|skip|todo)\(|\{\s*(?:only|skip|todo):\s*true/,
      readCode,
    ),
    'run it, mend it or delete it',
  )
})

test('Atomics live in src/shared only', () => {
  assertNone(
    linesMatching(
      typescriptFiles.filter((file) => !/^(?:src\/shared|test|bench)\//.test(file)),
      /\bAtomics\b/,
      readCode,
    ),
    'give the shared word a named operation in src/shared and call that',
  )
})

test('no file names a place on one machine', () => {
  assertNone(
    linesMatching(textFiles, /(?<![\w.@:/])\/(?:home|root|work|Users|mnt|tmp|var)\/\w|\b[A-Z]:\\\\?\w/),
    'use a path relative to import.meta.url, or os.tmpdir()',
  )
})

test('no file names a package registry', () => {
  assertNone(
    linesMatching(
      textFiles,
      /\bregistry[.][\w.-]+|https?:\/\/[\w.-]*(?:npm|artifactory|nexus|verdaccio)[\w.-]*/,
    ),
    'leave the choice of the registry to whoever installs',
  )
  assertNone(
    linesMatching(['package-lock.json'], /"resolved":/),
    'keep omit-lockfile-registry-resolved=true in .npmrc and run npm install again',
  )
})

test('dependencies are pinned to exact versions', () => {
  const manifest = JSON.parse(readProjectFile('package.json')) as Record<
    string,
    Record<string, string> | undefined
  >
  assertNone(
    ['dependencies', 'devDependencies'].flatMap((kind) =>
      Object.entries(manifest[kind] ?? {})
        .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
        .map(([name, version]) => `${kind}: ${name} ${version}`),
    ),
    'write the exact version that the tests ran with',
  )
})
