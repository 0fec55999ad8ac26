// Results on disk. One line a case: a committed file stays small, and a diff of two shows which cases moved.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchResults } from './results.js'

const DIGITS = 6
/** Objects with one of these keys are opened over several lines; all others stay on one. */
const OPENED = ['questions', 'cases']

/** Writes `<folder>/<name>.json`, by default named by its date, and returns its path. */
export function writeResults(folder: string, results: BenchResults, name?: string): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${name ?? fileName(results.date)}.json`)
  writeFileSync(path, `${format(results, '')}\n`)
  return path
}

export function readResults(path: string): BenchResults {
  return JSON.parse(readFileSync(path, 'utf8')) as BenchResults
}

/** 2026-01-02T03:04:05.678Z → 2026-01-02T03-04-05Z */
function fileName(date: string): string {
  return date.replaceAll(':', '-').replace(/\.\d+Z$/, 'Z')
}

const roundNumbers = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value

function format(value: unknown, indent: string): string {
  const inner = `${indent}  `
  if (Array.isArray(value) && value.length > 0) {
    return `[\n${value.map((item) => inner + format(item, inner)).join(',\n')}\n${indent}]`
  }
  if (typeof value !== 'object' || value === null || !OPENED.some((key) => key in value)) {
    return JSON.stringify(value, roundNumbers)
  }
  const lines = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${inner}${JSON.stringify(key)}: ${format(item, inner)}`)
  return `{\n${lines.join(',\n')}\n${indent}}`
}
