// os.date and os.time: UTC, the C locale, known values.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LuaWorld } from '../../support/lua-world.js'

const world = new LuaWorld()

/** os.date of a format at a time given as seconds. */
const date = (format: string, seconds: number | string): unknown =>
  world.run(`return os.date("${format}", ${seconds})`)[0]

/** 2024-02-29 17:05:09 UTC, a Thursday. */
const LEAP = 1_709_226_309

const KNOWN: readonly (readonly [string, number | string, string])[] = [
  ['%c', LEAP, 'Thu Feb 29 17:05:09 2024'],
  ['%x %X %p', LEAP, '02/29/24 17:05:09 PM'],
  ['%a %A %b %B %h', LEAP, 'Thu Thursday Feb February Feb'],
  ['%C %y %Y %G %g', LEAP, '20 24 2024 2024 24'],
  ['%d %e %m %j', LEAP, '29 29 02 060'],
  ['%D %F %T %R %r', LEAP, '02/29/24 2024-02-29 17:05:09 17:05 05:05:09 PM'],
  ['%H %I %M %S', LEAP, '17 05 05 09'],
  ['%u %w %U %V %W', LEAP, '4 4 08 09 09'],
  ['%z %Z', LEAP, '+0000 UTC'],
  ['%n|%t|%%', LEAP, '\n|\t|%'],
  ['%Ec %EC %Ex %EX %Ey %EY', LEAP, 'Thu Feb 29 17:05:09 2024 20 02/29/24 17:05:09 24 2024'],
  ['%Od %Oe %OH %OI %Om %OM', LEAP, '29 29 17 05 02 05'],
  ['%OS %Ou %OU %OV %Ow %OW %Oy', LEAP, '09 4 08 09 4 09 24'],
  ['plain', LEAP, 'plain'],
  ['%c', 0, 'Thu Jan  1 00:00:00 1970'],
  ['%c', -1, 'Wed Dec 31 23:59:59 1969'],
  ['%I %p', 0, '12 AM'],
  ['%I %p', 43_200, '12 PM'],
  // The first days of a year belong to the ISO year of their Thursday.
  ['%G-%V %U %W', 1_609_459_200, '2020-53 00 00'],
  ['%G-%V %U %W', 1_640_995_200, '2021-52 00 00'],
  ['%G-%V %U %W', 1_672_531_200, '2022-52 01 00'],
  ['%G-%V', 1_230_768_000, '2009-01'],
  ['%G-%V', 1_230_595_200, '2009-01'],
  ['%c', 4_107_542_400, 'Mon Mar  1 00:00:00 2100'],
  ['%F', 951_782_400, '2000-02-29'],
  ['%F', -62_135_596_800, '1-01-01'],
  ['%F', -62_135_596_801, '0-12-31'],
  ['%Y', -62_198_755_200, '-1'],
  ['%F %T', 253_402_300_800, '10000-01-01 00:00:00'],
]

for (const [format, seconds, expected] of KNOWN) {
  test(`os.date("${format}", ${seconds})`, () => {
    assert.equal(date(format.replaceAll('\n', '\\n'), seconds), expected)
  })
}

test('local time is UTC', () => {
  for (const format of ['%c', '*t']) {
    const [same] = world.run(`
      local function flat(t)
        if type(t) ~= "table" then return t end
        return table.concat({ t.year, t.month, t.day, t.hour, t.min, t.sec, t.wday, t.yday, tostring(t.isdst) }, " ")
      end
      return flat(os.date("${format}", 1e9 // 1 | 0)) == flat(os.date("!${format}", 1000000000))`)
    assert.equal(same, true)
  }
})

test('os.date("*t") gives every field', () => {
  const fields = 'd.year, d.month, d.day, d.hour, d.min, d.sec, d.wday, d.yday, d.isdst'
  const tableOf = (seconds: number): unknown =>
    world.run(`local d = os.date("!*t", ${seconds}) return ${fields}`)
  assert.deepEqual(tableOf(0), [1970, 1, 1, 0, 0, 0, 5, 1, false])
  assert.deepEqual(tableOf(LEAP), [2024, 2, 29, 17, 5, 9, 5, 60, false])
  assert.deepEqual(tableOf(-86_400 * 366), [1968, 12, 31, 0, 0, 0, 3, 366, false])
})

test('os.time reads a table, normalizes it and writes it back', () => {
  assert.deepEqual(
    world.run('return os.time({ year = 2024, month = 2, day = 29, hour = 17, min = 5, sec = 9 })'),
    [LEAP],
  )
  assert.deepEqual(world.run('return os.time({ year = 1970, month = 1, day = 1 })'), [43_200])
  assert.deepEqual(
    world.run(`
      local d = { year = 2023, month = 14, day = -1, hour = 49, min = -61, sec = 3725 }
      return os.time(d), d.year, d.month, d.day, d.hour, d.min, d.sec, d.wday, d.yday, d.isdst`),
    [Date.UTC(2023, 13, -1, 49, -61, 3725) / 1000, 2024, 2, 1, 1, 1, 5, 5, 32, false],
  )
})

test('os.time and os.date are inverse over centuries', () => {
  assert.deepEqual(
    world.run(`
      for seconds = -99999999999, 99999999999, 987654321 do
        local back = os.time(os.date("*t", seconds))
        if back ~= seconds then return seconds, back end
      end
      return true`),
    [true],
  )
})

test('what does not fit is refused as Lua does', () => {
  const message = (source: string): string => world.failure(source).message
  assert.match(
    message('os.date("*t", math.maxinteger)'),
    /date result cannot be represented in this installation/,
  )
  assert.match(
    message('os.date("%c", math.mininteger)'),
    /date result cannot be represented in this installation/,
  )
  assert.match(
    message('os.time({ year = 1e100 // 1, month = 1, day = 1 })'),
    /field 'year' is not an integer/,
  )
  assert.match(message('os.time({ year = 1 << 40, month = 1, day = 1 })'), /field 'year' is out-of-bound/)
  assert.match(
    message('os.time({ year = (1 << 31) + 1899, month = 13, day = 1 })'),
    /time result cannot be represented/,
  )
  assert.match(message('os.time({ year = 2024 })'), /field 'month' missing in date table/)
  assert.match(message('os.date("%Q")'), /invalid conversion specifier '%Q'/)
  assert.match(message('os.date("%E")'), /invalid conversion specifier '%E'/)
  assert.match(message('os.date("%Ez")'), /invalid conversion specifier '%Ez'/)
  assert.match(message('os.date("%")'), /invalid conversion specifier '%'/)
  assert.match(
    message('os.date("*t", 1.5)'),
    /bad argument #2 to 'date' \(number has no integer representation\)/,
  )
})

test('a time that does not exist shows nothing of what lay on the stack', () => {
  assert.deepEqual(
    world.run(`local text = string.pack("s4s4", ("z"):rep(500), ("y"):rep(500))
      local t = { year = (1 << 31) + 1899, month = 13, day = 1 }
      local ok = pcall(os.time, t)
      return ok, t.wday, t.yday`),
    [false, 1, 1],
  )
})

test('the years at the ends of the range', () => {
  assert.deepEqual(
    world.run('local d = os.date("!*t", 67768036191676799) return d.year, d.month, d.day, d.hour'),
    [2_147_485_547, 12, 31, 23],
  )
  assert.deepEqual(
    world.run('local d = os.date("!*t", -67768040609740800) return d.year, d.month, d.day'),
    [-2_147_481_748, 1, 1],
  )
  assert.match(world.failure('os.date("!*t", 67768036191676800)').message, /cannot be represented/)
  assert.match(world.failure('os.date("!*t", -67768040609740801)').message, /cannot be represented/)
})

test('the present is the wall clock, and difftime subtracts', () => {
  const before = Math.floor(Date.now() / 1000)
  const [now, later] = world.run('return os.time(), os.difftime(20, 15)')
  assert.ok((now as number) >= before && (now as number) <= Math.floor(Date.now() / 1000))
  assert.equal(later, 5)
})
