// The compiled command line, started as a process of its own; and a folder for its files.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

export const mainFile: string = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))

/** A process that hangs must not hold up the tests. */
const TIMEOUT_MS = 60_000

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Started {
  readonly child: ChildProcess
  /** Resolves when that stands in what has come on stdout and stderr. */
  readonly said: (text: string) => Promise<void>
  readonly ended: Promise<Ended>
}

export interface StartOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Arguments of Node itself. */
  readonly node?: readonly string[]
}

/** Nothing of the tests' own environment, colours least of all. */
function environment(given: StartOptions['env']): NodeJS.ProcessEnv {
  const { PATH, NODE_V8_COVERAGE } = process.env
  return { PATH, ...(NODE_V8_COVERAGE === undefined ? {} : { NODE_V8_COVERAGE }), ...given }
}

/** What a shell makes of it. */
const codeOf = (signal: NodeJS.Signals | null): number | null =>
  signal === null ? null : 128 + constants.signals[signal]

/** Stdin is closed. */
export function start(words: readonly string[], { cwd, env, node = [] }: StartOptions = {}): Started {
  const child = spawn(process.execPath, [...node, mainFile, ...words], {
    cwd,
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  })
  const output = { stdout: '', stderr: '' }
  const listeners = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
      for (const listener of listeners) listener()
    })
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code: code ?? codeOf(signal), ...output }))
  })
  const said = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if ((output.stdout + output.stderr).includes(text)) resolve()
      }
      listeners.add(look)
      look()
      ended.then(({ stderr }) => reject(new Error(`ended without saying ${text}: ${stderr}`)), reject)
    })
  return { child, said, ended }
}

export function moonpool(words: readonly string[], options?: StartOptions): Promise<Ended> {
  return start(words, options).ended
}

/** A new folder with these files; gone after the test. */
export function folderWith(t: TestContext, files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'moonpool-cli-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}
