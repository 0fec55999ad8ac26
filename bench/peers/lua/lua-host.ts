// A native Lua of this machine (lua5.4, luajit) as a script host: one process, calls by line. No cache, no isolation.

import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { findProgram } from '../../missing-peer.js'
import { spawnTied } from '../../peer-server.js'
import type { ScriptHost } from '../../script-host.js'
import { benchFileUrl, type Work } from '../../works.js'

export async function openLua(work: Work, program: string, packages: string): Promise<ScriptHost> {
  const paths = ['peers/lua/serve.lua', `works/${work.name}.lua`].map((path) =>
    fileURLToPath(benchFileUrl(path)),
  )
  const child = spawnTied(findProgram(program, packages), paths, tmpdir())
  if (child.stdout === null || child.stdin === null) throw new Error(`${program} has no pipes`)
  const { stdin } = child
  child.stderr?.pipe(process.stderr)
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]()
  const exited = once(child, 'exit')
  const call = async (name: string, args: readonly unknown[]): Promise<readonly unknown[]> => {
    stdin.write(`${[name, ...args].join(' ')}\n`)
    const { value, done } = await answers.next()
    if (done === true) throw new Error(`${program} ended`)
    return [Number(value)]
  }
  return {
    run: async (args) => (await call('main', [args]))[0],
    call,
    close: async () => {
      stdin.end()
      await exited
    },
    serverPid: child.pid as number,
  }
}
