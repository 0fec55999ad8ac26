// The parent's end of one case's process. Every question to it is bounded in time: a case that hangs is killed and
// reported, and the bench goes on.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { MissingPeer } from './missing-peer.js'
import type { Reply, Request, Sample } from './protocol.js'

/** Beyond what a request takes by itself: opening threads, one slow answer on a busy machine. */
const PATIENCE_MS = 60_000
const CLOSE_PATIENCE_MS = 10_000

export class CaseProcess {
  readonly #child: ChildProcess
  #ended: string | undefined
  #settle: ((reply: Reply) => void) | undefined

  constructor(file: string, caseName: string) {
    // Nothing of a case may reach stdout, where the tables go.
    this.#child = fork(new URL('./case-process.js', import.meta.url), [file, caseName], {
      stdio: ['ignore', 2, 2, 'ipc'],
    })
    this.#child.on('message', (reply) => this.#answer(reply as Reply))
    this.#child.on('error', (error) => this.#end(`its process failed: ${error.message}`))
    this.#child.on('exit', (code, signal) =>
      this.#end(`its process ended (${signal ?? `exit code ${code}`})`),
    )
  }

  async open(): Promise<void> {
    await this.#ask({ kind: 'open' }, PATIENCE_MS)
  }

  async check(): Promise<void> {
    await this.#ask({ kind: 'check' }, PATIENCE_MS)
  }

  async measure(forMs: number): Promise<Sample> {
    const reply = await this.#ask({ kind: 'measure', forMs }, forMs * 20 + PATIENCE_MS)
    if (reply.kind !== 'done' || reply.sample === undefined) throw new Error('the case measured nothing')
    return reply.sample
  }

  /** Resolves when the process is gone. A clean-up that fails is reported, one that hangs is killed. */
  async close(): Promise<void> {
    if (this.#ended !== undefined) return
    const exited = once(this.#child, 'exit')
    try {
      await this.#ask({ kind: 'close' }, CLOSE_PATIENCE_MS)
    } finally {
      const killer = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_PATIENCE_MS)
      await exited
      clearTimeout(killer)
    }
  }

  async #ask(request: Request, patienceMs: number): Promise<Reply> {
    if (this.#ended !== undefined) throw new Error(this.#ended)
    if (this.#settle !== undefined) throw new Error('one request at a time')
    const reply = await new Promise<Reply>((resolve) => {
      const timer = setTimeout(() => {
        this.#end(`it did not answer '${request.kind}' within ${patienceMs} ms`)
        this.#child.kill('SIGKILL')
      }, patienceMs)
      this.#settle = (answer) => {
        clearTimeout(timer)
        resolve(answer)
      }
      this.#child.send(request, (error) => {
        if (error) this.#end(`its process could not be asked: ${error.message}`)
      })
    })
    if (reply.kind === 'missing') throw new MissingPeer(reply.message)
    if (reply.kind === 'failed') throw new Error(reply.message)
    return reply
  }

  #answer(reply: Reply): void {
    const settle = this.#settle
    this.#settle = undefined
    settle?.(reply)
  }

  /** The first reason stays; a request in flight fails with it. */
  #end(reason: string): void {
    this.#ended ??= reason
    this.#answer({ kind: 'failed', message: this.#ended })
  }
}
