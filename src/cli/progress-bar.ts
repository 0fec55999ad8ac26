// The one user of cli-progress: a bar on stderr while it is a terminal, nothing at all otherwise.

import { isInteractive } from './terminal.js'

export interface Progress {
  update(value: number): void
  stop(): void
}

const NONE: Progress = { update: () => {}, stop: () => {} }

/** `what` stands behind the bar. */
export async function startProgress(total: number, what: string): Promise<Progress> {
  if (!isInteractive(process.stderr)) return NONE
  const { SingleBar } = await import('cli-progress')
  const bar = new SingleBar({
    format: `{bar} {percentage}% ${what}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    // Ctrl-C is the command's own affair.
    gracefulExit: false,
  })
  bar.start(total, 0)
  return { update: (value) => bar.update(Math.min(value, total)), stop: () => bar.stop() }
}
