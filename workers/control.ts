// The worker's end of the control plane. The only file here that knows comlink.

import type { MessagePort } from 'node:worker_threads'
import * as Comlink from 'comlink'
import type { WorkerControl } from '../src/shared/boot.js'

export function exposeControl(port: MessagePort, control: WorkerControl): void {
  Comlink.expose(control, port as unknown as Comlink.Endpoint)
}
