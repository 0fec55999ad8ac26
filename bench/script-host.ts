// What the subject and its peers have in common, so that one case serves all: some work, loaded into one worker (or
// server), called by function name under a tenant's prefix.

import type { Work } from './works.js'

export interface ScriptHost {
  /** Calls the script's global `main` with one argument and gives its first result. */
  run(args: unknown, cachePrefix: string): Promise<unknown>
  /** Calls a global function of the script, one Lua argument per element, and gives all results. */
  call(name: string, args: readonly unknown[], cachePrefix: string): Promise<readonly unknown[]>
  close(): Promise<void>
  /** The process that does the work, where it is not this one: its CPU time counts as well. */
  readonly serverPid?: number
}

export interface HostOptions {
  /** Default 1. */
  readonly threads?: number
  /** Of the subject. Default 0. */
  readonly niceIncrement?: number
}

/** Starts a host and loads the work into it. Throws `MissingPeer` where this machine does not have what it needs. */
export type OpenScriptHost = (work: Work, options?: HostOptions) => Promise<ScriptHost>

export interface Contender {
  readonly name: string
  readonly open: OpenScriptHost
}
