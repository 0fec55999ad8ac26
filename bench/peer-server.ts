// A server that the bench starts for a peer: a child process on a free loopback port, with a folder of its own for
// configuration and files. It ends with `stop`; should the bench be killed first, the kernel ends it (setpriv).

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findProgram } from './missing-peer.js'

const START_PATIENCE_MS = 20_000
const STOP_PATIENCE_MS = 3_000
const LOOK_AGAIN_MS = 10
const KEPT_WORDS = 2_000

export interface PeerServer {
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}

/** `configure` gets port and folder, and gives the arguments and the files to write into the folder before. */
export interface ServerPlan {
  readonly program: string
  readonly configure: (
    port: number,
    folder: string,
  ) => { readonly args: readonly string[]; readonly files?: Readonly<Record<string, string>> }
}

export async function startServer({ program, configure }: ServerPlan): Promise<PeerServer> {
  const port = await findFreePort()
  const folder = mkdtempSync(join(tmpdir(), 'moonpool-bench-'))
  try {
    const { args, files = {} } = configure(port, folder)
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    const child = spawnTied(program, args, folder)
    const words = keepLastWords(child)
    const leave = (): void => abandonServer(child, folder)
    process.once('exit', leave)
    await acceptsConnections(port, child).catch((error: Error) => {
      child.kill('SIGKILL')
      throw new Error(`${program}: ${error.message} ${words()}`)
    })
    const stop = async (): Promise<void> => {
      await stopServer(child, folder)
      process.off('exit', leave)
    }
    return { port, pid: child.pid as number, stop }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** The child dies with this process, where util-linux is there to arrange it. */
export function spawnTied(program: string, args: readonly string[], folder: string): ChildProcess {
  const [command, ...words] = [...tie(), program, ...args] as [string, ...string[]]
  return spawn(command, words, { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] })
}

function tie(): string[] {
  try {
    return [findProgram('setpriv', 'util-linux'), '--pdeathsig', 'KILL', '--']
  } catch {
    return []
  }
}

/** Both streams are read, or a talkative server would stand still; the end of what it said explains a failure. */
function keepLastWords(child: ChildProcess): () => string {
  let words = ''
  const keep = (chunk: Buffer): void => {
    words = (words + chunk.toString('utf8')).slice(-KEPT_WORDS)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return () => words.trim()
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no loopback port is free')
  return address.port
}

async function acceptsConnections(port: number, child: ChildProcess): Promise<void> {
  let failure: Error | undefined
  child.once('error', (error) => {
    failure = error
  })
  const endMs = performance.now() + START_PATIENCE_MS
  while (performance.now() < endMs) {
    if (failure !== undefined) throw failure
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('ended at once:')
    if (await canConnect(port)) return
    await delay(LOOK_AGAIN_MS)
  }
  throw new Error(`accepts no connection after ${START_PATIENCE_MS} ms:`)
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** This process ends without having stopped it, which leaves no time to be polite. */
function abandonServer(child: ChildProcess, folder: string): void {
  child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}

async function stopServer(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS)
    await exited
    clearTimeout(killer)
  }
  rmSync(folder, { recursive: true, force: true })
}
