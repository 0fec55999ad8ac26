// Runs as admission, feeder and images see them, with nothing behind them.

import type { Image } from '../../src/dispatch/images.js'
import type { Run } from '../../src/dispatch/run.js'
import { NO_ARGUMENTS, NO_BYTES } from '../../src/shared/held-bytes.js'
import type { Prefix } from '../../src/store/prefixes.js'

export function createImage(id = 1): Image {
  return {
    id,
    kind: 'script',
    name: `script-${id}`,
    offset: 0,
    sizeBytes: 0,
    pins: 0,
    turnsTaken: undefined,
    source: undefined,
  }
}

/** A run of the tenant whose prefix has this cell. */
export function createRun(id: number, cell = 0, image = createImage()): Run {
  const prefix: Prefix = { cell, text: `tenant-${cell}`, bytes: 8, incarnation: 1, pins: 1, isNoted: false }
  return {
    id,
    kind: 0,
    tenant: prefix.text,
    hadTurn: false,
    image,
    timeoutMs: 1000,
    functionName: NO_BYTES,
    args: NO_ARGUMENTS,
    source: undefined,
    extras: undefined,
    prefix,
    resolve: () => {},
    reject: () => {},
    isShared: false,
    requeues: 0,
    verdict: undefined,
    place: -1,
  }
}
