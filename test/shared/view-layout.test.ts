import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

/** Node itself takes about 1 GiB of addresses, a WebAssembly memory 8 to 10 where V8 does not know how to do with less. */
const MOST_ADDRESSES_KIB = 6 * 2 ** 20

test('where address space is limited there is a view all the same, for native code or not', () => {
  const layout = new URL('../../src/shared/view-layout.js', import.meta.url).href
  const script = `
    import { createViewMemory, openView } from ${JSON.stringify(layout)}
    const sizes = { maxEntries: 100, maxKeyBytes: 64, arenaBytes: 65536 }
    const memory = createViewMemory(sizes, { k0: 1, k1: 2 })
    openView(memory).arenaWords[16383] = 7
    console.log(memory.wasm === undefined, memory.buffer.byteLength >= memory.arenaAt + 65536)`
  const read = (limit: string): string => {
    const command = `${limit} exec "$0" --input-type=module -e "$1"`
    const { stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath, script], {
      encoding: 'utf8',
    })
    return stdout.trim() || stderr
  }
  assert.equal(read(''), 'false true')
  assert.match(read(`ulimit -v ${MOST_ADDRESSES_KIB};`), /^(?:true|false) true$/)
})
