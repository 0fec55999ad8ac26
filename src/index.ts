/// <reference lib="esnext.disposable" preserve="true" />
// The public exports, nothing else.

export { createEngine } from './engine.js'
export {
  HostError,
  InputError,
  InterruptedError,
  LimitError,
  MoonpoolError,
  type MoonpoolErrorCode,
  NotStoredError,
  ScriptError,
  StartError,
} from './errors.js'
export type {
  CacheOptions,
  CloseOptions,
  EngineOptions,
  EvalOptions,
  LimitOptions,
  LoadOptions,
  PrintInfo,
  PrintListener,
  PutOptions,
  RunOptions,
} from './options.js'
export type { LuaInput, LuaKey, LuaValue } from './shared/values.js'
export type {
  CacheStatistics,
  Engine,
  EngineCache,
  EngineStatistics,
  HostCache,
  LuaArgument,
  Script,
} from './types.js'
