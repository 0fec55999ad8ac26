// The VM that a worker runs scripts in, and when it gets another one.
//
// A VM's memory only grows, and memory of a dropped VM stays with the process until a collection happens to find it. So
// a VM that grew beyond RECYCLE_VM_BYTES, or that something other than a Lua error left, is dropped after its run and
// its memory collected at once: the worker never holds more than one VM and what the last one left.
// The watchdog thread, which holds the memory as well, is told of each VM before it runs anything, and of each end.

import { RECYCLE_VM_BYTES } from '../src/limits.js'
import type { WorkerReport } from '../src/shared/boot.js'
import type { ArmableVm } from './vm/hook-arming.js'
import { collectDroppedMemory, prepareToCollect } from './vm/recycle.js'
import type { Vm } from './vm/vm.js'

/** What the watchdog thread is told: the VM that runs scripts from now on, or that it was dropped. */
export type VmNews = ArmableVm | 'dropped'

export interface VmListener {
  /** This VM, and no other, runs scripts from now on. */
  onCreated(vm: Vm): void
  onDropped(): void
}

export class VmKeeper {
  readonly #create: () => Vm
  readonly #listener: VmListener
  #current: Vm | undefined
  #dropped = 0

  constructor(create: () => Vm, listener: VmListener) {
    this.#create = create
    this.#listener = listener
    prepareToCollect()
  }

  get current(): Vm {
    if (this.#current === undefined) {
      this.#current = this.#create()
      this.#listener.onCreated(this.#current)
    }
    return this.#current
  }

  report(): WorkerReport {
    const { sizeBytes, lua } = this.current
    return {
      vmBytes: sizeBytes,
      droppedVms: this.#dropped,
      tableLength: lua.__indirect_function_table.length,
    }
  }

  /** Whether the VM is to be dropped: asked after each run. */
  get isSpent(): boolean {
    const vm = this.#current
    return vm !== undefined && (vm.condemned || vm.sizeBytes > RECYCLE_VM_BYTES)
  }

  drop(): void {
    const vm = this.#current
    if (vm === undefined) return
    this.#current = undefined
    this.#dropped++
    this.#listener.onDropped()
    if (vm.sizeBytes > RECYCLE_VM_BYTES) collectDroppedMemory()
  }
}
