// A peer that this machine does not have is no failure: the bench says what is missing and how to get it.

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export class MissingPeer extends Error {
  override readonly name = 'MissingPeer'
}

/** Where Debian keeps servers; not in everybody's PATH. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/sbin']

/** The program's path. Throws `MissingPeer`, which names the Debian packages that hold it. */
export function findProgram(name: string, packages: string): string {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...SERVER_FOLDERS]) {
    if (folder !== '' && isExecutable(join(folder, name))) return join(folder, name)
  }
  throw new MissingPeer(`${name} is not installed (Debian: apt-get install ${packages})`)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
