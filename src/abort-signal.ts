import type { AbortSignalLike } from './dispatch/contract.js'

/** Any object that works as an AbortSignal, whoever made it: another realm's or a library's is as good. */
export function isAbortSignal(given: unknown): given is AbortSignalLike {
  if (typeof given !== 'object' || given === null) return false
  const { aborted, addEventListener, removeEventListener } = given as Partial<AbortSignalLike>
  return (
    typeof aborted === 'boolean' &&
    typeof addEventListener === 'function' &&
    typeof removeEventListener === 'function'
  )
}
