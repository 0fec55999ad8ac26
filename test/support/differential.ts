// The same scripts in the engine and in the `lua5.4` of the system: what both return, as bytes, side by side.

import { spawnSync } from 'node:child_process'
import type { Engine } from '../../src/index.js'
import { MoonpoolError } from '../../src/index.js'
import { createRandom } from './inspected-engine.js'
import { agree } from './known-differences.js'
import { generateScript } from './script-generator.js'

/** Reads `length\n` and so many bytes again and again, and writes what each script returns, or its error, alike. */
const DRIVER = `
io.stdout:setvbuf("full")
while true do
  local length = io.read("n")
  if not length then break end
  io.read(1)
  local source = io.read(length)
  local chunk, problem = load(source, "=script", "t", setmetatable({ print = function() end }, { __index = _G }))
  local co = chunk and coroutine.create(chunk)
  local ok, result = false, problem
  if co then ok, result = coroutine.resume(co) end
  if not ok and type(result) ~= "string" and type(result) ~= "number" then result = "(" .. type(result) .. ")" end
  local text = (ok and "" or "error: ") .. tostring(result)
  io.write(#text, "\\n", text)
end`

/** A script that does not end is the generator's fault. */
const PEER_TIMEOUT_MS = 60_000

export interface Difference {
  readonly seed: number
  readonly source: string
  readonly expected: string
  readonly found: string
}

/** Whether the system has a lua5.4 to compare with. */
export function hasPeer(): boolean {
  return spawnSync('lua5.4', ['-v']).status === 0
}

function runPeer(sources: readonly string[]): string[] {
  const input = Buffer.concat(
    sources.map((source) =>
      Buffer.concat([Buffer.from(`${Buffer.byteLength(source)}\n`), Buffer.from(source)]),
    ),
  )
  const { status, stdout, stderr } = spawnSync('lua5.4', ['-e', DRIVER], {
    input,
    maxBuffer: 2 ** 30,
    timeout: PEER_TIMEOUT_MS,
  })
  if (status !== 0) throw new Error(`lua5.4 ended with ${status}: ${stderr.toString()}`)
  const results: string[] = []
  for (let at = 0; at < stdout.length; ) {
    const lineEnd = stdout.indexOf(10, at)
    const length = Number(stdout.toString('latin1', at, lineEnd))
    results.push(stdout.toString('latin1', lineEnd + 1, lineEnd + 1 + length))
    at = lineEnd + 1 + length
  }
  return results
}

async function runHere(engine: Engine, source: string): Promise<string> {
  try {
    const result = await engine.eval<unknown>(source, [], { name: 'script' })
    return typeof result === 'string'
      ? Buffer.from(result).toString('latin1')
      : Buffer.from(result as Uint8Array).toString('latin1')
  } catch (error) {
    if (!(error instanceof MoonpoolError)) throw error
    return `error: ${Buffer.from(error.message).toString('latin1')}`
  }
}

/** Scripts of the seeds `first`, `first + 1`, …: those whose two results do not agree. */
export async function compareScripts(engine: Engine, first: number, count: number): Promise<Difference[]> {
  const seeds = Array.from({ length: count }, (_, index) => first + index)
  const sources = seeds.map((seed) => generateScript(createRandom(seed)))
  const expected = runPeer(sources)
  const found = await Promise.all(sources.map((source) => runHere(engine, source)))
  return seeds.flatMap((seed, index) => {
    const difference = {
      seed,
      source: sources[index] as string,
      expected: expected[index] as string,
      found: found[index] as string,
    }
    return agree(difference.expected, difference.found) ? [] : [difference]
  })
}

/** The first lines that differ. */
function differingLines({ expected, found }: Difference): { line: number; theirs: string; ours: string } {
  const [ours, theirs] = [found.split('\n'), expected.split('\n')]
  const lines = Math.max(ours.length, theirs.length)
  const at = (line: number) => ({
    line,
    theirs: theirs[line] ?? '(no line)',
    ours: ours[line] ?? '(no line)',
  })
  for (let line = 0; line < lines; line++) {
    const pair = at(line)
    if (!agree(pair.theirs, pair.ours)) return pair
  }
  // Only together: a rule looks at the start of a text.
  return at(0)
}

/** The first lines that differ, with the seed to repeat them. */
export function describeDifference(difference: Difference): string {
  const { line, theirs, ours } = differingLines(difference)
  const { seed, source } = difference
  return `DIFFERENTIAL_SEED=${seed}, line ${line} of the result\n  lua5.4: ${theirs}\n  here:   ${ours}\n${source.slice(source.indexOf('say(pcall'))}`
}

/** What differs without the values at hand, so that the same difference in two scripts is one kind. */
export function kindOfDifference(difference: Difference): string {
  const { theirs, ours } = differingLines(difference)
  const bare = (text: string): string =>
    text.replace(/0x[\w.+-]+|-?\d[\w.+-]*/g, '0').replace(/'[^']*'/g, "''")
  return `${bare(theirs)}\n${bare(ours)}`
}
