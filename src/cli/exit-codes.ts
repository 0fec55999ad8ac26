// What the process ends with, and the error that means "called wrongly".

export const EXIT_OK = 0
/** A script failed or reached a limit. */
export const EXIT_FAILED = 1
/** Wrong usage, or a file that cannot be read or written. */
export const EXIT_USAGE = 2

/** The user has to change the call, not the script. The message says how. */
export class UsageError extends Error {}
