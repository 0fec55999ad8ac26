// One colour for each contender in every plot, light and dark: variables of style.css. The hues keep apart for people
// who see colours differently, and no plot tells anything by colour alone.

import { CONTENDER_NAMES, MOONPOOL } from '../contenders.js'

export const SUBJECT = MOONPOOL.name

export function colourOf(contender: string): string {
  return CONTENDER_NAMES.includes(contender) ? `var(--c-${variableName(contender)})` : 'var(--c-other)'
}

/** `nginx-lua lrucache` → `nginx-lua-lrucache` */
export function variableName(contender: string): string {
  return contender.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}

/** The subject first, then as contenders.ts has them, then whoever it does not know. */
export function byContender(a: string, b: string): number {
  const place = (name: string): number => {
    const index = CONTENDER_NAMES.indexOf(name)
    return index < 0 ? CONTENDER_NAMES.length : index
  }
  return place(a) - place(b)
}
