// An example of examples/ as a process of its own: started, heard, ended. Ends with its test, whatever happens.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { projectRoot } from '../support/project.js'

/** A busy machine must not fail a test. */
const PATIENCE_MS = 60_000

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface ServerProcess {
  /** `http://127.0.0.1:1234/` */
  readonly url: string
  readonly port: number
  readonly heard: ExampleProcess['heard']
  /** Sends the signal and waits for the end. */
  readonly stop: (signal: NodeJS.Signals) => Promise<Ending>
}

interface ExampleProcess {
  /** Resolves with the first match in what was printed; rejects when the process ends without one. */
  readonly heard: (pattern: RegExp) => Promise<RegExpMatchArray>
  readonly kill: (signal: NodeJS.Signals) => void
  readonly ended: Promise<Ending>
}

function start(t: TestContext, file: string, env: Readonly<Record<string, string>>): ExampleProcess {
  const child = spawn(process.execPath, [file], {
    cwd: projectRoot,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  const ended = once(child, 'close').then(
    ([code, signal]): Ending => ({ code: code as Ending['code'], signal, ...output }),
  )
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const heard = (pattern: RegExp): Promise<RegExpMatchArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = output.stdout.match(pattern)
        if (match !== null) resolve(match)
      }
      child.stdout.on('data', look)
      look()
      ended.then((ending) => reject(new Error(`${file} ended: ${JSON.stringify(ending)}`)), reject)
    })
  return { heard, kill: (signal) => child.kill(signal), ended }
}

/** Waits until the example, or another file like it, says on which port it listens: on a free one. */
export async function startServer(t: TestContext, example: string): Promise<ServerProcess> {
  const child = start(t, join(projectRoot, 'examples', example), { PORT: '0' })
  const [, digits] = await child.heard(/^port (\d+)$/m)
  const port = Number(digits)
  assert.ok(port > 0)
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    heard: child.heard,
    stop: (signal) => {
      child.kill(signal)
      return child.ended
    },
  }
}

/** Runs an example that ends by itself. */
export function runExample(t: TestContext, file: string): Promise<Ending> {
  return start(t, join(projectRoot, 'examples', file), {}).ended
}

/** One request on a connection of its own; without `fetch`, whose pool keeps connections open. */
export function ask(
  { url }: ServerProcess,
  headers: Readonly<Record<string, string>>,
): Promise<readonly [status: number, body: string]> {
  return new Promise((resolve, reject) => {
    request(url, { headers, agent: false }, (response) => {
      let body = ''
      response
        .setEncoding('utf8')
        .on('data', (text: string) => {
          body += text
        })
        .on('end', () => resolve([response.statusCode ?? 0, body]))
    })
      .on('error', reject)
      .end()
  })
}

/** Sends a whole request, is gone when `moment` has come. */
export function askAndLeave(
  { port }: ServerProcess,
  headers: Readonly<Record<string, string>>,
  moment?: Promise<unknown>,
): Promise<void> {
  const lines = Object.entries({ host: 'x', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET / HTTP/1.1\r\n${lines.join('')}\r\n`, () => {
        const leave = (): unknown => socket.resetAndDestroy()
        if (moment === undefined) leave()
        else moment.then(leave, reject)
      })
    })
    socket.on('close', () => resolve())
    socket.on('error', reject)
  })
}
