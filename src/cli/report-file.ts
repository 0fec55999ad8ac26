// Where the report of a load test goes. What could go wrong is tried before the test, not after it.

import { writeFile } from 'node:fs/promises'
import { UsageError } from './exit-codes.js'
import type { LoadResult } from './load-output.js'
import { reasonOf } from './script-file.js'
import { harmless } from './terminal.js'

/** Pictures need packages that are not installed with this one. */
const PACKAGES = '@observablehq/plot@0.6 linkedom@0.18.12'

/** Gives what writes it. Throws a UsageError when packages are missing or the file cannot be written. */
export async function prepareReport(path: string): Promise<(result: LoadResult) => Promise<void>> {
  const { picturesOf } = await importPlots()
  const { reportPage } = await import('./report-page.js')
  await write(path, '')
  return (result) => write(path, reportPage(result, picturesOf(result), new Date()))
}

async function importPlots(): Promise<typeof import('./plots.js')> {
  try {
    return await import('./plots.js')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new UsageError(`--report draws with packages that are not installed: npm install ${PACKAGES}`)
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (error) {
    throw new UsageError(`cannot write ${harmless(path)}: ${reasonOf(error)}`)
  }
}
