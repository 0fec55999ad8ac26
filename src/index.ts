/// <reference lib="esnext.disposable" preserve="true" />
// The public exports, nothing else.

export type {
  AbortSignalLike,
  CloseOptions,
  EvalOptions,
  LoadOptions,
  PrefixOptions,
  PrintInfo,
  PrintListener,
  PutOptions,
  RunOptions,
} from './call-options.js'
export { createEngine } from './engine.js'
export type { CacheOptions, EngineOptions, LimitOptions } from './engine-options.js'
export {
  HostError,
  InputError,
  InterruptedError,
  LimitError,
  MoonpoolError,
  type MoonpoolErrorCode,
  NotStoredError,
  type QueueFacts,
  ScriptError,
  StartError,
} from './errors.js'
export type { JsonValue } from './json-result.js'
export type { LuaInput, LuaKey, LuaValue } from './shared/values.js'
export type { TenantOptions } from './tenant-options.js'
export type {
  CacheStatistics,
  Engine,
  EngineCache,
  EngineStatistics,
  HostCache,
  JsonRunOptions,
  LuaArgument,
  Script,
} from './types.js'
