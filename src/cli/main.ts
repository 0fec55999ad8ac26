#!/usr/bin/env node
// The entry of the command line. Everything that is slow to load is loaded by the command that needs it.

import { runProgram } from './program.js'
import { endQuietlyOnBrokenPipes } from './terminal.js'

endQuietlyOnBrokenPipes()
process.exitCode = await runProgram(process.argv.slice(2))
