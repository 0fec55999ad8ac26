// What stands behind the options: text to value, or a UsageError that states the rule.

import { MAX_PREFIX_BYTES } from '../limits.js'
import { UsageError } from './exit-codes.js'

/** 86,400,000 */
const grouped = (value: number): string => String(value).replace(/\B(?=(?:\d{3})+$)/g, ',')

export function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new UsageError(`must be a whole number of ${grouped(least)} to ${grouped(most)}`)
  }
}

export function decimal(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text)
    if (/^(?:\d+\.?\d*|\.\d+)$/.test(text) && value >= least && value <= most) return value
    throw new UsageError(`must be a number of ${grouped(least)} to ${grouped(most)}`)
  }
}

export function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`must be JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

export function cachePrefix(text: string): string {
  const bytes = Buffer.byteLength(text)
  if (bytes >= 1 && bytes <= MAX_PREFIX_BYTES) return text
  throw new UsageError(`must have 1 to ${MAX_PREFIX_BYTES} bytes`)
}
