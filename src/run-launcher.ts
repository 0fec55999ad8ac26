// From the host's call of a script to the dispatcher's promise. Everything is read, checked and copied before the call
// returns, so what the host changes afterwards changes no run. Called for every run: nothing here is done twice.

import { ArgumentEncoder } from './argument-encoder.js'
import { FUNCTION_NAME_RULE, isFunctionName } from './bounded-text.js'
import type { RunOptions } from './call-options.js'
import type { Dispatcher, ImageRef, RunRequest } from './dispatch/contract.js'
import { createError } from './errors.js'
import { allAsJson, asJson, type JsonValue } from './json-result.js'
import { shown } from './option-problems.js'
import { type RunDefaults, RunOptionReader } from './run-options.js'
import type { LuaValue } from './shared/values.js'

/** Throws MOONPOOL_CLOSED once the engine is closed; `call` names the method in the message. */
export type AssertOpen = (call: string) => void

/** A chunk's run, ready but for its image. */
export interface ChunkRequest extends Omit<RunRequest, 'image' | 'scriptName'> {
  readonly wantsJson: boolean
}

export interface LauncherSettings extends RunDefaults {
  readonly maxArgumentBytes: number
}

type First = (values: readonly LuaValue[]) => LuaValue | JsonValue

const first: First = (values) => values[0]

function firstAsJson(scriptName: string): First {
  return (values) => asJson(values[0], 'result', scriptName)
}

export class RunLauncher {
  readonly #dispatcher: Dispatcher
  readonly #assertOpen: AssertOpen
  readonly #options: RunOptionReader
  readonly #encoder: ArgumentEncoder

  constructor(dispatcher: Dispatcher, assertOpen: AssertOpen, settings: LauncherSettings) {
    this.#dispatcher = dispatcher
    this.#assertOpen = assertOpen
    this.#options = new RunOptionReader(settings)
    this.#encoder = new ArgumentEncoder(settings.maxArgumentBytes)
  }

  /** One argument, the first result. */
  main(
    image: ImageRef,
    scriptName: string,
    value: unknown,
    options: RunOptions | undefined,
  ): Promise<LuaValue | JsonValue> {
    const call = 'script.run'
    this.#assertOpen(call)
    const { prefix, timeoutMs, extras, wantsJson } = this.#options.read(options, call)
    const args = this.#encoder.one(value, call)
    return this.#dispatcher
      .run({
        kind: 'main',
        image,
        scriptName,
        functionName: '',
        args,
        prefix,
        timeoutMs,
        extras,
      })
      .then(wantsJson ? firstAsJson(scriptName) : first)
  }

  /** One argument for each element, all results. */
  call(
    image: ImageRef,
    scriptName: string,
    functionName: string,
    values: readonly unknown[],
    options: RunOptions | undefined,
  ): Promise<LuaValue[] | JsonValue[]> {
    const call = 'script.call'
    this.#assertOpen(call)
    if (!isFunctionName(functionName)) {
      throw createError(
        'MOONPOOL_INVALID_OPTION',
        `${call}: name ${FUNCTION_NAME_RULE}, got ${shown(functionName)}`,
      )
    }
    const { prefix, timeoutMs, extras, wantsJson } = this.#options.read(options, call)
    const args = this.#encoder.each(values, call)
    const results = this.#dispatcher.run({
      kind: 'call',
      image,
      scriptName,
      functionName,
      args,
      prefix,
      timeoutMs,
      extras,
    })
    return wantsJson ? results.then((all) => allAsJson(all, scriptName)) : results
  }

  /** The request of a chunk whose image may not be there yet: arguments and options as they are now. */
  prepareChunk(values: readonly unknown[], options: RunOptions | undefined): ChunkRequest {
    const call = 'engine.eval'
    this.#assertOpen(call)
    const { prefix, timeoutMs, extras, wantsJson } = this.#options.read(options, call)
    const args = this.#encoder.each(values, call)
    return {
      kind: 'chunk',
      functionName: '',
      args,
      prefix,
      timeoutMs,
      extras,
      wantsJson,
    }
  }

  chunk(image: ImageRef, scriptName: string, request: ChunkRequest): Promise<LuaValue | JsonValue> {
    // Field by field: spreading the request would cost more than all the rest.
    const { kind, functionName, args, prefix, timeoutMs, extras } = request
    return this.#dispatcher
      .run({ kind, image, scriptName, functionName, args, prefix, timeoutMs, extras })
      .then(request.wantsJson ? firstAsJson(scriptName) : first)
  }
}
