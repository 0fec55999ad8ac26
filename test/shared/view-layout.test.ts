import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { stripeOf, stripeSpread } from '../../src/shared/view-layout.js'

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

/** A number as evenly spread as a hash. */
function mix(n: number): number {
  const once = Math.imul(n ^ (n >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return twice ^ (twice >>> 16)
}

test('hashes spread evenly over any number of stripes, and reach every one', () => {
  for (const stripes of [1, 3, 1563, 65_536, 65_538, 312_504]) {
    const spread = stripeSpread(stripes)
    assert.equal((stripes >>> spread) << spread, stripes)
    assert.ok(stripes >>> spread <= 65_536)
    const counts = new Int32Array(stripes)
    const hashes = Math.max(100_000, stripes * 32)
    for (let n = 0; n < hashes; n++) {
      const stripe = stripeOf(mix(n), stripes, spread)
      counts[stripe] = (counts[stripe] as number) + 1
    }
    const mean = hashes / stripes
    assert.ok(
      counts.every((count) => count > 0 && count < 3 * mean),
      `${stripes} stripes`,
    )
  }
})
