// What moonpool and the naive peer have in common, so that one case serves both: a loaded script on one worker, called
// by function name under a tenant's prefix.

export interface ScriptHost {
  /** Calls the script's global `main` with one argument and gives its first result. */
  run(args: unknown, cachePrefix: string): Promise<unknown>
  /** Calls a global function of the script, one Lua argument per element, and gives all results. */
  call(name: string, args: readonly unknown[], cachePrefix: string): Promise<readonly unknown[]>
  close(): Promise<void>
}

/** Starts a host with one worker and loads `source` into it. */
export type OpenScriptHost = (source: string) => Promise<ScriptHost>

/** In the order in which a table shows them: the subject first. */
export interface Contender {
  readonly name: string
  readonly open: OpenScriptHost
}
