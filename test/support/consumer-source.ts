// A module that uses the whole public surface, as a consumer would write it. MOONPOOL stands for the package, in quotes.
// It needs no types of any platform: no DOM, no Node.

export const CONSUMER = `
import { createEngine, HostError, InputError, InterruptedError, LimitError, MoonpoolError, NotStoredError, ScriptError,
  StartError, type AbortSignalLike, type CacheOptions, type CacheStatistics, type CloseOptions, type Engine,
  type EngineCache, type EngineOptions, type EngineStatistics, type EvalOptions, type HostCache, type JsonRunOptions,
  type JsonValue, type LimitOptions, type LoadOptions, type LuaArgument, type LuaInput, type LuaKey, type LuaValue,
  type MoonpoolErrorCode, type PrefixOptions, type PrintInfo, type PrintListener, type PutOptions, type RunOptions,
  type Script } from MOONPOOL

interface Request { user: string; tags: readonly string[]; age?: number }
const request: Request = { user: 'ann', tags: ['a'] }
const maybe: number | undefined = undefined

const cacheOptions: CacheOptions = { maxEntries: 10, maxBytes: 1024, maxValueBytes: 5, maxKeyBytes: 5, defaultTtlMs: 5,
  maxTtlMs: maybe, requirePrefix: true, nilIsMiss: maybe === undefined }
const limits: LimitOptions = { timeoutMs: 50, memoryBytes: 2 ** 22, maxArgumentBytes: 1, maxResultBytes: 1,
  sourceBytes: 1, imageBytes: 2 ** 20, evalScripts: 1, graceMs: 0 }
const onPrint: PrintListener = (line: string, { script, cachePrefix, context }: PrintInfo) =>
  [line, script, cachePrefix, context]
const options: EngineOptions = { threads: maybe, cache: cacheOptions, limits, maxQueue: 5, onPrint }
const engine: Engine = await createEngine(options)
const loadOptions: LoadOptions = { name: 'x.lua', signal: undefined }
const script: Script = await engine.load('function main() end', loadOptions)
await engine.load(new Uint8Array(3))
const named: readonly string[] = [script.name, script.digest]

declare const signal: AbortSignalLike
const runOptions: RunOptions = { cachePrefix: 'a', timeoutMs: 5, signal, context: request, onPrint }
const value: LuaValue = await script.run(request, runOptions)
const claimed: { allowed: boolean } = await script.run<{ allowed: boolean }>(null)
const values: LuaValue[] = await script.call('f', [request, 1, 2n, null, new Map([[1, 'a']])])
const pair: [boolean, number] = await script.call<[boolean, number]>('f')
const evaluated: string = await engine.eval<string>('return ...', [request])
const evalOptions: EvalOptions = { ...runOptions, name: 'y.lua' }
const chunk: LuaValue = await engine.eval('return 1', undefined, evalOptions)

const jsonOptions: JsonRunOptions = { result: 'json', cachePrefix: 'a' }
const json: JsonValue = await script.run(request, { result: 'json' })
const jsonList: JsonValue[] = await script.call('f', [], jsonOptions)
const jsonChunk: JsonValue = await engine.eval('return 1', [], { ...jsonOptions, name: 'z.lua' })
const jsonClaimed: { ok: boolean } = await script.run<{ ok: boolean }>(null, { result: 'json' })
script.dispose()
{
  using short: Script = await engine.load('')
  void short
}

const whole: EngineCache = engine.cache
const tenant: HostCache = whole.withPrefix('a')
const prefix: string | undefined = tenant.prefix
const putOptions: PutOptions = { ttlMs: 5 }
const prefixOptions: PrefixOptions = { cachePrefix: 'a' }
const stored: true = await tenant.put('k', request, putOptions)
const elsewhere: true = await whole.put('k', request, { ...putOptions, ...prefixOptions })
const found: LuaValue | null = await tenant.get(new Uint8Array(1))
const typed: Request | null | undefined = await whole.get<Request>('k', prefixOptions)

const statistics: EngineStatistics = engine.stats()
const cacheStatistics: CacheStatistics = statistics.cache
const counts: number[] = [statistics.threads, statistics.queued, statistics.running, statistics.completed,
  statistics.failed, cacheStatistics.entries, cacheStatistics.bytes, cacheStatistics.hits, cacheStatistics.misses,
  cacheStatistics.evictions, cacheStatistics.expirations, cacheStatistics.refused]

const classes = [HostError, InputError, InterruptedError, LimitError, NotStoredError, ScriptError, StartError]
const closeOptions: CloseOptions = { graceMs: 5 }
try {
  await engine.close(closeOptions)
} catch (error) {
  if (error instanceof LimitError || error instanceof MoonpoolError) {
    const code: MoonpoolErrorCode = error.code
    const facts: readonly unknown[] = [code, error.script, error.line?.toFixed(), error.traceback, error.value,
      error.reason, error.cause]
    void facts
  }
}
const inputs: readonly [LuaArgument, LuaInput, LuaKey] = [request, [1], 'key']
void [value, claimed, values, pair, evaluated, chunk, json, jsonList, jsonChunk, jsonClaimed, prefix, stored, elsewhere,
  found, typed, counts, classes, named, inputs]
`
