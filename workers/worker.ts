// The entry of a worker thread. Piscina calls `drain`, main calls `boot` over the control port.
//
// Its ports are offered once, when this module has loaded, so that replacements report like the first threads.

import { MessageChannel, parentPort, threadId } from 'node:worker_threads'
import type { BootReport, BootRequest } from '../src/shared/boot.js'
import { type BootedWorker, bootWorker } from './boot.js'
import { exposeControl } from './control.js'

let onBooted: (worker: BootedWorker) => void = () => {}
const booted = new Promise<BootedWorker>((resolve) => {
  onBooted = resolve
})

function boot(request: BootRequest): BootReport {
  try {
    const worker = bootWorker(request, vms.port1)
    // A waiting drain task would run scripts before the control plane has sent this report.
    setImmediate(() => onBooted(worker))
    return { isReady: true, lua: worker.lua, canBeArmed: worker.canBeArmed }
  } catch (error) {
    const { message, stack = '' } = error as Error
    return { isReady: false, message, stack }
  }
}

/** One task: runs scripts until the run queue has been empty for a while, or main wants the control port served. */
export default async function drain(): Promise<void> {
  const { loop } = await booted
  loop.drain()
}

const control = new MessageChannel()
const vms = new MessageChannel()
exposeControl(control.port1, {
  boot: async (request) => boot(request),
  report: async () => (await booted).report(),
})
const ports = { control: control.port2, vms: vms.port2 }
parentPort?.postMessage({ threadId, ports }, [ports.control, ports.vms])
