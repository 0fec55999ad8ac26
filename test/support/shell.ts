// Programs as a user's shell starts them.

import { execFile } from 'node:child_process'
import { delimiter, dirname } from 'node:path'
import { promisify } from 'node:util'

/** A busy machine must not fail a test. */
const PATIENCE_MS = 100_000

/** As a shell has it: nothing of the npm, git and test runner that this test may have been started by. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:npm_|GIT_|NODE_TEST_)/i.test(name))
  const { PATH = '', ...rest } = Object.fromEntries(own)
  return { ...rest, PATH: `${dirname(process.execPath)}${delimiter}${PATH}` }
}

/** What it prints; rejects unless it exits with 0, with all that it printed in the message. */
export async function shell(command: string, args: readonly string[], cwd: string): Promise<string> {
  const options = { cwd, env: plainEnvironment(), timeout: PATIENCE_MS, maxBuffer: 2 ** 24 }
  try {
    const { stdout } = await promisify(execFile)(command, args, options)
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${args.join(' ')} failed: ${stdout}${stderr}`, { cause: error })
  }
}
