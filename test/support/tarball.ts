// Unpacks an npm tarball: gzip around tar.
//
//   tar:  headers of 512 bytes, each followed by its file's bytes, filled up to a multiple of 512
//   0 name (100)   124 size, octal (12)   156 type: '0' or NUL is a file   345 prefix of the name (155)

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'

const BLOCK = 512

/** Writes the files below `folder`, without their first folder (`package/`); gives their names, sorted. */
export function unpackTarball(tarball: Buffer, folder: string): string[] {
  const bytes = gunzipSync(tarball)
  const names: string[] = []
  const text = (from: number, length: number): string => {
    return bytes.toString('utf8', from, from + length).replace(/\0.*$/s, '')
  }
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0; ) {
    const sizeBytes = Number.parseInt(text(at + 124, 12), 8)
    const prefix = text(at + 345, 155)
    const type = text(at + 156, 1)
    const path = prefix === '' ? text(at, 100) : `${prefix}/${text(at, 100)}`
    if (type !== '' && type !== '0') throw new Error(`${path}: a tar entry of type ${type}`)
    const name = path.slice(path.indexOf('/') + 1)
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), bytes.subarray(at + BLOCK, at + BLOCK + sizeBytes))
    names.push(name)
    at += BLOCK + Math.ceil(sizeBytes / BLOCK) * BLOCK
  }
  return names.sort()
}
