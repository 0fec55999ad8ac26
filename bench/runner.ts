// Runs the selected cases of one file. Order: open and check all, warm all up, then round by round one sample of
// each (A B C, A B C …), because a shared machine drifts; at last close all. Only one process works at a time, but for
// opening and checking: that is not timed.

import type { BenchCase } from './case.js'
import { MissingPeer } from './missing-peer.js'
import { CaseProcess } from './process-handle.js'
import type { Sample } from './protocol.js'
import type { Plan } from './selection.js'

export interface CaseResult {
  readonly name: string
  /** Why there are no samples, or fewer than planned. */
  readonly failure?: string
  /** What this machine lacks to run the case; no failure. */
  readonly missing?: string
  readonly samples: readonly Sample[]
}

/** Each is a process with threads of its own. */
const OPENED_TOGETHER = 3

interface Lane {
  readonly name: string
  readonly process: CaseProcess
  readonly samples: Sample[]
  readonly isSlow: boolean
  failure: string | undefined
  missing: string | undefined
}

/** How many steps `runCases` reports: for a progress bar. */
export function countSteps(caseCount: number, plan: Plan): number {
  return caseCount * (2 + plan.samples)
}

/** Never rejects because of a case: its failure stands in its result. `onStep` is told each step before it starts. */
export async function runCases(
  file: string,
  cases: readonly BenchCase[],
  plan: Plan,
  onStep: (what: string) => void,
): Promise<CaseResult[]> {
  const lanes: Lane[] = []
  const step = async (lane: Lane, what: string, work: () => Promise<void>): Promise<void> => {
    onStep(`${lane.name}: ${what}`)
    if (lane.failure !== undefined || lane.missing !== undefined) return
    await work().catch((error: Error) => {
      if (error instanceof MissingPeer) lane.missing = error.message
      else lane.failure = `${what}: ${error.message}`
    })
  }
  try {
    lanes.push(...cases.map(({ name, isSlow }) => openLane(file, name, isSlow)))
    const unopened = [...lanes]
    const openNext = async (): Promise<void> => {
      for (let lane = unopened.shift(); lane !== undefined; lane = unopened.shift()) {
        const { process } = lane
        await step(lane, 'check', async () => {
          await process.open()
          await process.check()
        })
      }
    }
    await Promise.all(Array.from({ length: OPENED_TOGETHER }, openNext))
    for (const lane of lanes) {
      await step(lane, 'warm-up', async () => {
        if (lane.isSlow === false) await lane.process.measure(plan.warmUpMs)
      })
    }
    for (let round = 1; round <= plan.samples; round++) {
      for (const lane of lanes) {
        await step(lane, `sample ${round}`, () => takeSample(lane, plan, round))
      }
    }
  } finally {
    await Promise.all(lanes.map(closeLane))
  }
  return lanes.map(({ name, samples, failure, missing }) => ({
    name,
    samples,
    ...(failure !== undefined && { failure }),
    ...(missing !== undefined && { missing }),
  }))
}

async function takeSample({ process, samples, isSlow }: Lane, plan: Plan, round: number): Promise<void> {
  if (round > (isSlow ? plan.slowSamples : plan.samples)) return
  if (!isSlow && plan.runUpMs > 0) await process.measure(plan.runUpMs)
  samples.push(await process.measure(plan.sampleMs))
}

function openLane(file: string, name: string, isSlow = false): Lane {
  const samples: Sample[] = []
  const process = new CaseProcess(file, name)
  return { name, process, samples, isSlow, failure: undefined, missing: undefined }
}

async function closeLane(lane: Lane): Promise<void> {
  await lane.process.close().catch((error: Error) => {
    lane.failure ??= `clean-up: ${error.message}`
  })
}
