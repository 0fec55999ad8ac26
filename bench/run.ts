// npm run bench -- [name filter …] [--quick] [--name results file]
//
// Exit codes: 0 all selected cases did their work (whatever their speed), 1 a case failed its check or broke,
// 2 the command line selects nothing.

import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchCase, Question } from './case.js'
import type { Figures } from './figures.js'
import { describeCommit, describeMachine, describeNoise } from './machine.js'
import { byOrder } from './order.js'
import { formatQuestion, startProgress } from './report.js'
import { type QuestionSummary, summarizeQuestion } from './results.js'
import { writeResults } from './results-file.js'
import { countSteps, runCases } from './runner.js'
import { isSelected, parseArguments, type Selection } from './selection.js'
import { readSpeed, YARDSTICK_CASE, YARDSTICK_FILE } from './yardstick.js'

interface SelectedFile {
  readonly name: string
  readonly url: string
  readonly question: Question
  readonly cases: readonly BenchCase[]
}

/** The package's folder, from dist/bench/run.js. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

async function loadFiles(): Promise<SelectedFile[]> {
  const folder = new URL('./cases/', import.meta.url)
  const names = readdirSync(folder)
    .filter((entry) => entry.endsWith('.js'))
    .sort((a, b) => byOrder(basename(a, '.js'), basename(b, '.js')))
  return Promise.all(
    names.map(async (entry) => {
      const url = new URL(entry, folder).href
      const { question } = (await import(url)) as { question: Question }
      return { name: basename(entry, '.js'), url, question, cases: question.cases }
    }),
  )
}

/** What was asked for, the yardstick first: it is read in every run. */
function selectFiles(files: readonly SelectedFile[], { filters }: Selection): SelectedFile[] {
  const selected = files
    .map((file) => ({
      ...file,
      cases: file.cases.filter(({ name }) => isSelected(filters, file.name, name)),
    }))
    .filter(({ cases }) => cases.length > 0)
  if (selected.length === 0) return []
  const yardstick = files
    .filter(({ name }) => name === YARDSTICK_FILE)
    .map((file) => {
      const asked = selected.find(({ name }) => name === YARDSTICK_FILE)?.cases ?? []
      return {
        ...file,
        cases: file.cases.filter((each) => each.name === YARDSTICK_CASE || asked.includes(each)),
      }
    })
  return [...yardstick, ...selected.filter(({ name }) => name !== YARDSTICK_FILE)]
}

/** The medians of the yardstick's figures; none when it failed. */
function readYardstick(questions: readonly QuestionSummary[]): Figures {
  const cases = questions.find(({ file }) => file === YARDSTICK_FILE)?.cases
  const figures = cases?.find(({ name }) => name === YARDSTICK_CASE)?.figures
  return Object.fromEntries(Object.entries(figures ?? {}).map(([name, { median }]) => [name, median]))
}

async function runFiles(files: readonly SelectedFile[], { plan }: Selection): Promise<QuestionSummary[]> {
  const caseCount = files.reduce((sum, { cases }) => sum + cases.length, 0)
  const progress = startProgress(countSteps(caseCount, plan))
  const questions: QuestionSummary[] = []
  try {
    for (const { name, url, question, cases } of files) {
      const results = await runCases(url, cases, plan, (what) => progress.step(`${name}, ${what}`))
      questions.push(summarizeQuestion(name, question, results, readSpeed(readYardstick(questions))))
    }
  } finally {
    progress.stop()
  }
  return questions
}

/** The page is extra: without the packages that draw it the run has still answered. */
async function tryWritePage(resultsPath: string): Promise<string> {
  try {
    const { writePage } = await import('./page/report-page.js')
    return `with pictures: ${await writePage(resultsPath)}`
  } catch (error) {
    return `no page: ${error instanceof Error ? error.message : String(error)}`
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const selection = parseArguments(argv)
  const all = await loadFiles()
  const files = selectFiles(all, selection)
  if (selection.unknownOptions.length > 0 || files.length === 0) {
    console.error(
      `usage: npm run bench -- [name filter …] [--quick] [--name <results file>]\nfiles: ${all.map(({ name }) => name).join(', ')}`,
    )
    return 2
  }
  const machine = describeMachine()
  const noise = describeNoise(machine)
  if (noise !== undefined) console.error(noise)
  const questions = await runFiles(files, selection)
  for (const question of questions) console.log(formatQuestion(question))
  const path = writeResults(
    `${ROOT}bench/results`,
    {
      date: new Date().toISOString(),
      commit: describeCommit(ROOT),
      machine,
      plan: selection.plan,
      yardstickPerSecond: readYardstick(questions).perSecond,
      questions,
    },
    selection.name,
  )
  console.log(`\nevery sample: ${path}\n${await tryWritePage(path)}`)
  return questions.some(({ cases }) => cases.some(({ failure }) => failure !== undefined)) ? 1 : 0
}

process.exitCode = await main(process.argv.slice(2))
