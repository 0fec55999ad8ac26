// Why a run failed, between the place that found out and the bytes of its outcome.

import type { MoonpoolErrorCode } from '../src/errors.js'
import { MAX_MESSAGE_BYTES } from '../src/limits.js'
import { TAG_INT32, TAG_NIL, TAG_STRING } from '../src/shared/value-format.js'
import type { ByteWriter } from '../src/shared/values.js'
import type { ErrorDescription } from './vm/execution.js'
import { encodeStack } from './vm/stack-values.js'
import type { Vm } from './vm/vm.js'

/** What Lua raised goes along only while it is small: it has to fit beside message and traceback. */
const MAX_VALUE_BYTES = 2048

/** No Error: nobody sees where in the worker it was made, and V8 would take its stack each time a script fails. */
export class Fault {
  readonly code: MoonpoolErrorCode
  readonly message: string
  readonly line: number
  readonly traceback: string
  /** The value that Lua raised is a table and lies on top of the run thread's stack. */
  readonly hasTableValue: boolean
  /** Lua's own messages name the script and the line already. */
  readonly isPositioned: boolean

  constructor(code: MoonpoolErrorCode, message: string, description?: ErrorDescription) {
    this.code = code
    this.message = message
    this.line = description?.line ?? 0
    this.traceback = description?.traceback ?? ''
    this.hasTableValue = description?.hasTableValue ?? false
    this.isPositioned = description !== undefined
  }

  /** Ended from outside. */
  get isStop(): boolean {
    return this.code === 'MOONPOOL_TIMEOUT'
  }

  static ofLua(description: ErrorDescription): Fault {
    return new Fault(description.code, description.message, description)
  }

  /** Ended from outside, while it was not in its script. Main knows why, and what to say. */
  static ofStop(): Fault {
    return new Fault('MOONPOOL_TIMEOUT', 'stopped')
  }

  /** `position` counts results from 1; 0 when there is only one. */
  static ofResult(reason: string, position: number, maxResultBytes: number): Fault {
    const which = position > 0 ? `result ${position}` : 'the result'
    if (reason === 'too large') {
      return new Fault(
        'MOONPOOL_RESULT_TOO_LARGE',
        `${which} is larger than limits.maxResultBytes (${maxResultBytes}): raise it, or return less`,
      )
    }
    return new Fault('MOONPOOL_INVALID_VALUE', `${which} cannot be returned: ${reason}`)
  }

  /** The VM has no room for them, and is of no use until its image is restored. */
  static ofArguments(vm: Vm): Fault {
    vm.condemned = true
    return new Fault('MOONPOOL_MEMORY', 'the arguments do not fit limits.memoryBytes: raise it, or pass less')
  }

  /** Something was thrown outside of Lua's own protection: nothing in the VM can be relied on. */
  static ofException(vm: Vm, error: unknown): Fault {
    vm.condemned = true
    return new Fault(
      'MOONPOOL_LUA_ERROR',
      `the VM failed: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

/** Writes a fault's parts behind the header of its outcome. */
export function writeFault(vm: Vm, fault: Fault, out: ByteWriter): void {
  const name = fault.isPositioned ? '' : `${vm.scriptName}: `
  writeText(out, name + fault.message, MAX_MESSAGE_BYTES)
  writeText(out, fault.traceback, 2 * MAX_MESSAGE_BYTES)
  out.u8(TAG_INT32)
  out.i32(fault.line)
  const isWritten =
    fault.hasTableValue && encodeStack(vm, vm.runThread, -1, out, MAX_VALUE_BYTES) === undefined
  if (!isWritten) out.u8(TAG_NIL)
}

function writeText(out: ByteWriter, text: string, maxBytes: number): void {
  let bytes = Buffer.from(text)
  if (bytes.length > maxBytes)
    bytes = Buffer.from(bytes.toString('utf8', 0, maxBytes - 3).replace(/\uFFFD+$/, ''))
  out.u8(TAG_STRING)
  out.u32(bytes.length)
  out.raw(bytes)
}
