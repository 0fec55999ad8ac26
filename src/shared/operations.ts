// The operation table: everything that a worker may say to the main thread, one line each.
// Nothing else holds these numbers. Handlers on both sides are typed from it: a missing one does not compile.
//
//   write   appended and not waited for; applied by main in the order of the outbox
//   read    waits for its reply, changes nothing
//   system  belongs to the running of scripts, not to the cache
//
// `payload` is what the record in the outbox carries, `reply` what comes back through the replies ring.

export const OPERATIONS = {
  get: { code: 1, kind: 'read', lua: 'cache.get', payload: 'key', reply: 'nothing (missing) or the value' },
  put: { code: 2, kind: 'write', lua: 'cache.put', payload: 'f64 expiresAtMs, u32 key bytes, key, value' },
  delete: { code: 3, kind: 'write', lua: 'cache.put_ttl', payload: 'key (the TTL was 0 or less)' },
  print: { code: 16, kind: 'system', lua: 'print', payload: 'the line' },
  outcome: { code: 17, kind: 'system', payload: 'see outcome.ts' },
  arguments: { code: 18, kind: 'system', payload: 'nothing', reply: 'the argument bytes' },
  source: { code: 19, kind: 'system', payload: 'nothing', reply: 'nothing (not needed) or the source' },
  reserveImage: {
    code: 20,
    kind: 'system',
    payload: 'u32 image bytes',
    reply: 'u32 offset in the image arena',
  },
} as const satisfies Record<string, OperationRow>

interface OperationRow {
  readonly code: number
  readonly kind: 'read' | 'write' | 'system'
  readonly lua?: string
  readonly payload: string
  readonly reply?: string
}

export type OperationName = keyof typeof OPERATIONS
