// The control plane: calls from main to one worker outside of any run. The only file here that knows comlink.
//
// The worker exposes, main wraps; never the other way round, since what is exposed can be reached into by its caller.
// A call to a worker that dies would stay open for ever: the caller races it against the worker's exit.
// The port keeps the process alive only while a call is open.

import type { MessagePort } from 'node:worker_threads'
import * as Comlink from 'comlink'
import type { BootReport, BootRequest, WorkerControl } from '../shared/boot.js'

export interface ControlLink {
  boot(request: BootRequest): Promise<BootReport>
  close(): void
}

export function connectControl(port: MessagePort): ControlLink {
  const worker = Comlink.wrap<WorkerControl>(port as unknown as Comlink.Endpoint)
  port.unref()
  return {
    boot: async (request) => {
      port.ref()
      try {
        return await worker.boot(request)
      } finally {
        port.unref()
      }
    },
    close: () => {
      worker[Comlink.releaseProxy]()
      port.close()
    },
  }
}
