// Runs a document's code block as its own process, as a reader would: a file beside the package.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from './project.js'

/** A busy machine must not fail a test. */
const PATIENCE_MS = 60_000

export interface Spoken {
  readonly stdout: string
  readonly stderr: string
}

/** Rejects unless the process ends with exit code 0. The file lies in the package, so that it may import it by name. */
export async function runCodeBlock(code: string, root: string = projectRoot): Promise<Spoken> {
  const folder = mkdtempSync(join(root, 'dist', 'code-block-'))
  try {
    const file = join(folder, 'block.mjs')
    writeFileSync(file, code)
    return await promisify(execFile)(process.execPath, [file], { cwd: root, timeout: PATIENCE_MS })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
