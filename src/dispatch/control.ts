// The control plane: calls from main to one worker outside of any run. The only file here that knows comlink.
//
// The worker exposes, main wraps; never the other way round, since what is exposed can be reached into by its caller.
// A call to a worker that dies would stay open for ever: the caller races it against the worker's exit.
// The port keeps the process alive only while a call is open.

import type { MessagePort } from 'node:worker_threads'
import * as Comlink from 'comlink'
import type { BootReport, WorkerControl } from '../shared/boot.js'

export interface ControlLink extends WorkerControl {
  close(): void
}

export function connectControl(port: MessagePort): ControlLink {
  const worker = Comlink.wrap<WorkerControl>(port as unknown as Comlink.Endpoint)
  let openCalls = 0
  const call = async <T>(answer: () => Promise<T>): Promise<T> => {
    if (openCalls++ === 0) port.ref()
    try {
      return await answer()
    } finally {
      if (--openCalls === 0) port.unref()
    }
  }
  port.unref()
  return {
    boot: (request) => call<BootReport>(() => worker.boot(request)),
    report: () => call(() => worker.report()),
    close: () => {
      worker[Comlink.releaseProxy]()
      port.close()
    },
  }
}
