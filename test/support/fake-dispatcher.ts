// A dispatcher that runs nothing: it remembers what it was asked, and answers what the test wants.

import type { TestContext } from 'node:test'
import { type ClockOrigin, createClockOrigin } from '../../src/clock.js'
import type {
  Dispatcher,
  DispatcherConfig,
  DispatcherStatistics,
  ImageKind,
  ImageRef,
  LoadRequest,
  RunRequest,
} from '../../src/dispatch/contract.js'
import { createEngineWith } from '../../src/engine.js'
import type { Engine, EngineOptions, LuaValue } from '../../src/index.js'
import { decodeValue } from '../../src/shared/values.js'

export class FakeDispatcher implements Dispatcher {
  readonly runs: RunRequest[] = []
  readonly loads: LoadRequest[] = []
  readonly released: ImageRef[] = []
  readonly closes: number[] = []
  finds = 0
  /** What a run gives. */
  answer: (request: RunRequest) => LuaValue[] | Promise<LuaValue[]> = () => []
  onLoad: (request: LoadRequest) => void | Promise<void> = () => {}
  readonly config: DispatcherConfig
  readonly #images = new Map<string, ImageRef>()

  constructor(config: DispatcherConfig) {
    this.config = config
  }

  async run(request: RunRequest): Promise<LuaValue[]> {
    this.runs.push(request)
    return this.answer(request)
  }

  async load(request: LoadRequest): Promise<ImageRef> {
    this.loads.push(request)
    await this.onLoad(request)
    const key = `${request.digest} ${request.kind} ${request.name}`
    const image = this.#images.get(key) ?? { id: this.#images.size + 1 }
    this.#images.set(key, image)
    return image
  }

  find(digest: string, name: string, kind: ImageKind): ImageRef | undefined {
    this.finds++
    return this.#images.get(`${digest} ${kind} ${name}`)
  }

  release(image: ImageRef): void {
    this.released.push(image)
  }

  async close(graceMs: number): Promise<void> {
    this.closes.push(graceMs)
  }

  statistics(): DispatcherStatistics {
    return {
      threads: this.config.threads,
      queued: 1,
      running: 2,
      completed: 3,
      failed: 4,
      workerReads: { hits: 0, misses: 0 },
    }
  }

  /** The arguments of the run, as the host would read them. */
  argumentsOf(index: number): LuaValue[] {
    const run = this.runs[index]
    if (run === undefined) throw new RangeError(`there is no run ${index}`)
    const { bytes, at, lengthBytes, count } = run.args
    const cursor = { offset: at }
    const values = Array.from({ length: count }, () => decodeValue(bytes, cursor))
    if (cursor.offset !== at + lengthBytes) throw new Error('bytes are left behind the arguments')
    return values
  }
}

export interface FakedEngine {
  readonly engine: Engine
  readonly dispatcher: FakeDispatcher
  readonly clockOrigin: ClockOrigin
}

export async function startFakedEngine(t: TestContext, options?: EngineOptions): Promise<FakedEngine> {
  const clockOrigin = createClockOrigin(true)
  let dispatcher: FakeDispatcher | undefined
  const engine = await createEngineWith(options, {
    clockOrigin,
    createDispatcher: async (config) => {
      dispatcher = new FakeDispatcher(config)
      return dispatcher
    },
  })
  t.after(() => engine.close())
  if (dispatcher === undefined) throw new Error('the engine was made without its dispatcher')
  return { engine, dispatcher, clockOrigin }
}
