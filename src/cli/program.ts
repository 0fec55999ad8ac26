// The one user of commander: commands, options, help, and what is refused before a command begins.

import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { MoonpoolError } from '../errors.js'
import { DEFAULT_MAX_ENTRIES, MAX_THREADS, MAX_TIMEOUT_MS } from '../limits.js'
import type { CheckFlags } from './check-command.js'
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE, UsageError } from './exit-codes.js'
import { Interruption } from './interruption.js'
import type { LoadFlags } from './load-command.js'
import { cachePrefix, decimal, json, wholeNumber } from './option-values.js'
import type { RunFlags } from './run-command.js'
import { harmless, paletteFor, writeError } from './terminal.js'

const MAX_RUNS = 1_000_000_000
const MAX_CONCURRENCY = 10_000
const MAX_RATE = 1_000_000
const MAX_DURATION_S = 86_400

/** commander wants its own error to say which option it was. */
function checked<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text)
    } catch (error) {
      throw error instanceof UsageError ? new InvalidArgumentError(`It ${error.message}.`) : error
    }
  }
}

function version(): string {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}

/** Takes a command's exit code. */
type End = (command: Promise<number>) => Promise<void>

function createProgram(end: End, interruption: Interruption): Command {
  const program = new Command('moonpool')
    .description('Runs, checks and load-tests Lua scripts on the moonpool engine.')
    .version(version(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(harmless(text)) })
    .addHelpText('after', '\nExit codes: 0 fine, 1 a script or a limit, 2 usage or files, 130 Ctrl-C.')
  addRun(program, end, interruption)
  addCheck(program, end, interruption)
  addLoad(program, end, interruption)
  return program
}

function addRun(program: Command, end: End, interruption: Interruption): void {
  program
    .command('run')
    .summary('run a Lua file and show its result')
    .description(
      'Runs a Lua file and shows its result: what its function main returns, or, without one, what the file itself returns.',
    )
    .argument('<file>', 'Lua file')
    .option('--args <json>', 'argument of main (or ... of a file without main)', checked(json))
    .option('--prefix <prefix>', "the run's cache prefix", checked(cachePrefix))
    .option('--repeat <runs>', 'run it so often and show figures', checked(wholeNumber(1, MAX_RUNS)))
    .option('--concurrency <runs>', 'with --repeat: at a time', checked(wholeNumber(1, MAX_CONCURRENCY)), 1)
    .option('--threads <threads>', 'worker threads', checked(wholeNumber(1, MAX_THREADS)))
    .option('--timeout <ms>', 'limit of one run (default: 1000)', checked(decimal(1, MAX_TIMEOUT_MS)))
    .option('--json', 'one JSON object on stdout; what the script prints goes to stderr')
    .action(async (file: string, flags: RunFlags) => {
      const { run } = await import('./run-command.js')
      await end(run(file, flags, interruption))
    })
}

function addCheck(program: Command, end: End, interruption: Interruption): void {
  program
    .command('check')
    .summary('find mistakes in Lua files without running them')
    .description(
      'Compiles Lua files without running them, and warns of what is probably not meant: a cache.get and a later ' +
        'cache.put of the same key, os.time, os.clock and math.random at the top level, cache:get.',
    )
    .argument('<file...>', 'Lua files')
    .option('--strict', 'exit code 1 for warnings, too')
    .option('--json', 'one JSON object on stdout')
    .action(async (files: readonly string[], flags: CheckFlags) => {
      const { check } = await import('./check-command.js')
      await end(check(files, flags, interruption))
    })
}

function addLoad(program: Command, end: End, interruption: Interruption): void {
  program
    .command('load')
    .summary('run a Lua file at a fixed rate and measure')
    .description(
      'Runs a Lua file at a fixed rate, evenly spaced, whether earlier runs have ended or not (an open loop), each ' +
        'under one of so many prefixes, drawn at random. Latencies count from the moment a run was due. What the ' +
        'script prints is dropped.',
    )
    .argument('<file>', 'Lua file')
    .option('--rate <runs>', 'runs per second', checked(decimal(0.1, MAX_RATE)), 1000)
    .option('--duration <seconds>', 'how long', checked(decimal(0.1, MAX_DURATION_S)), 10)
    .option('--prefixes <count>', 'cache prefixes', checked(wholeNumber(1, DEFAULT_MAX_ENTRIES)), 1)
    .option('--args <json>', 'argument of each run', checked(json))
    .option('--threads <threads>', 'worker threads', checked(wholeNumber(1, MAX_THREADS)))
    .option('--timeout <ms>', 'limit of one run (default: 1000)', checked(decimal(1, MAX_TIMEOUT_MS)))
    .option('--report <file>', 'also write a report with pictures (HTML)')
    .option('--json', 'one JSON object on stdout')
    .action(async (file: string, flags: LoadFlags) => {
      const { load } = await import('./load-command.js')
      await end(load(file, flags, interruption))
    })
}

/** Runs a command line; gives the exit code. */
export async function runProgram(words: readonly string[]): Promise<number> {
  const interruption = new Interruption()
  interruption.listen()
  let exitCode = EXIT_OK
  const end: End = async (command) => {
    exitCode = await command
  }
  try {
    await createProgram(end, interruption).parseAsync(words, { from: 'user' })
  } catch (error) {
    exitCode = exitCodeOf(error)
  }
  return interruption.exitCode ?? exitCode
}

function exitCodeOf(error: unknown): number {
  // commander has said it.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE
  const { bold, red } = paletteFor(process.stderr)
  const say = (text: string): void => writeError(`${bold(red('moonpool:'))} ${text}`)
  if (error instanceof UsageError) {
    say(error.message)
    return EXIT_USAGE
  }
  // Of the engine itself: it did not start. What scripts do is the commands' affair.
  if (error instanceof MoonpoolError) {
    say(harmless(`${error.code}: ${error.message}`))
    return EXIT_FAILED
  }
  say(`a defect of this program: ${harmless(error instanceof Error ? String(error.stack) : String(error))}`)
  return EXIT_FAILED
}
