// What restores between runs for one owner leave as it was (restoring.ts): dead shadow stack, scratch area, buffers of
// the C library, what is free inside the heap, memory behind it. Whatever lies there, no script shows a bit of it: each
// runs over several fillings and must say the same each time. Constants, which are not restored either, must be the same
// bytes after each run.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeError, loadChunk, resumeRun } from '../../../workers/vm/execution.js'
import { composeImage, HOT_AFTER } from '../../../workers/vm/hot-images.js'
import { captureImage, Image } from '../../../workers/vm/image.js'
import { findFreeRanges } from '../../../workers/vm/lasting-objects.js'
import {
  HEAP_BASE,
  SCRATCH_BYTES,
  STATIC_END,
  STDIO_BUFFERS,
  VARIABLES_AT,
} from '../../../workers/vm/layout.js'
import { LUA_OK } from '../../../workers/vm/lua.js'
import type { AddressRange } from '../../../workers/vm/restore-code.js'
import { findDifference, restoreImage } from '../../../workers/vm/restoring.js'
import { collectGarbage } from '../../../workers/vm/settling.js'
import { CLEAN_STACK_BYTES } from '../../../workers/vm/shadow-stack.js'
import { createRandom } from '../../support/inspected-engine.js'
import { LuaWorld } from '../../support/lua-world.js'
import { generateScript } from '../../support/script-generator.js'

const MIB = 2 ** 20
const world = new LuaWorld(8 * MIB)
world.vm.wallClockMs = () => 1_700_000_000_123
const OWNER = 7
const SEED_BYTES = 32

/** Static data as it is before anything ran. */
const constants = Buffer.from(world.base.origin.parts.staticPart.subarray(0, VARIABLES_AT))

/** Shows what a source returns, tables by all that is in them. */
const SHOW = `
local function show(value, depth)
  if type(value) ~= "table" then return (math.type(value) or type(value)) .. ":" .. tostring(value) end
  if depth > 3 then return "{...}" end
  local parts = {}
  for key, item in next, value do parts[#parts + 1] = tostring(key) .. "=" .. show(item, depth + 1) end
  return tostring(value) .. "{" .. table.concat(parts, ",") .. "}" .. #value
end
local function run() SOURCE end
return show(table.pack(pcall(run)), 0)`

/** Each reads what C code or Lua has put on its stack or into new memory, in all the ways there are. */
const SOURCES: Readonly<Record<string, string>> = {
  'formats numbers': `
    local out = {}
    for _, spec in ipairs({ "%d", "%5.2f", "%.99f", "%a", "%.3a", "%g", "%.14g", "%e", "%x", "%o", "%i", "%u", "%c", "%+10.3d" }) do
      for _, number in ipairs({ 0, 1, -1, 255, 1e15, 1e308, -0.0, 0.1, math.pi, math.huge, -math.huge, 0/0, math.mininteger }) do
        out[#out + 1] = table.concat({ pcall(string.format, spec, number) }, " ", 2)
      end
    end
    return table.concat(out, "|")`,
  'formats texts': `
    return ("%q %s %10s %-10s %.3s %q %q"):format("a\\0\\n\\r\\200", "x", "y", "z", "abcdef", 1/3, math.mininteger),
      pcall(string.format, "%p", {}), pcall(string.format, "%10q", "x"), pcall(string.format, "%z", 1), pcall(string.format, "%"),
      ("%s"):format(("x"):rep(3000)), ("%p %p"):format(print, "text")`,
  'shows dates': `
    local out = {}
    for _, second in ipairs({ 0, 1, -1, 86399, 951782400, 1e9 // 1 | 0, -62135596800, 253402300800, 67768036191676799, -67768040609740800 }) do
      for letter in ("aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%"):gmatch(".") do out[#out + 1] = os.date("%" .. letter, second) end
      for pair in ("Ec EC Ex EX Ey EY Od Oe OH OI Om OM OS Ou OU OV Ow OW Oy"):gmatch("%S+") do out[#out + 1] = os.date("!%" .. pair, second) end
      out[#out + 1] = os.date("*t", second) out[#out + 1] = os.date("!*t", second)
    end
    out[#out + 1] = os.date() out[#out + 1] = os.time() out[#out + 1] = pcall(os.date, "%Q") out[#out + 1] = pcall(os.date, "%E")
    out[#out + 1] = pcall(os.date, "*t", math.maxinteger)
    return out`,
  'asks for a time that does not exist before any other': `
    local fields = { year = 2^31 + 1899, month = 13, day = 31 }
    return pcall(os.time, fields), fields`,
  'makes times': `
    local out = {}
    for _, fields in ipairs({
      { year = 2024, month = 2, day = 30 }, { year = 2024, month = 14, day = -5, hour = 99, min = -1, sec = 3600, isdst = true },
      { year = 1969, month = 12, day = 31, hour = 23, min = 59, sec = 59 }, { year = 2^31 + 1899, month = 12, day = 31 },
      { year = 2^31 + 1899, month = 13, day = 31 }, { year = -2^31 + 1900, month = 0, day = 1 }, { year = 1 }, { year = "x", month = 1, day = 1 },
      { year = 2000, month = 1, day = 2^31 - 1 }, { year = 2000, month = 1, day = 1, isdst = false, wday = 99, yday = 99 },
    }) do
      out[#out + 1] = table.concat({ tostring(select(2, pcall(os.time, fields))) }) out[#out + 1] = fields
    end
    return out`,
  'packs and unpacks': `
    local out = {}
    for _, format in ipairs({ "!8 b d", "!8 b Xd d", "<i3 >I7 =j", "!16 b i16", "s1 s2 s4 z", "c10 c0", "x b x", "f d n", "!4 i1 !2 i4 Xi8", "i16 I16" }) do
      local packed = { pcall(string.pack, format, 1, 2, 3, 4, 5) }
      local texts = { pcall(string.pack, format, "a", "bc", "d", "ef", "g") }
      for _, one in ipairs({ packed, texts }) do
        out[#out + 1] = ("%q"):format(one[2])
        if one[1] then out[#out + 1] = { pcall(string.unpack, format, one[2]) } out[#out + 1] = { pcall(string.packsize, format) } end
      end
    end
    return out`,
  'leaves locals and fields unset': `
    local out = {}
    local function unset(a, b, ...) local c, d, e if a then c = 1 end local t = { ... } return a, b, c, d, e, select("#", ...), t[1], t[9], #t end
    for n = 1, 3 do local x, y out[#out + 1] = table.pack(x, y, unset()) out[#out + 1] = table.pack(unset(n)) x = {} y = "y" end
    local function deep(n, a, b, c, d) local e, f, g if n == 0 then return e, f, g, a, b, c, d end return deep(n - 1) end
    local function wide(n) local a, b, c, d, e, f, g, h if n > 0 then wide(n - 1) end return table.pack(a, b, c, d, e, f, g, h) end
    out[#out + 1] = table.pack(deep(300)) out[#out + 1] = wide(180) out[#out + 1] = table.pack(table.unpack({}, 1, 200))
    return out`,
  'grows tables and leaves holes': `
    local out, t = {}, {}
    for i = 1, 300 do t[i] = i end for i = 300, 5, -2 do t[i] = nil end
    for i = 1, 70 do t["k" .. i] = i end for i = 1, 70, 3 do t["k" .. i] = nil end
    local u = table.move(t, 1, 400, 300, {}) out[1] = #u out[2] = u[1] out[3] = u[299] out[4] = table.pack(table.unpack(u, 1, 60))
    local v = { nil, nil, 3, nil, [10] = 1, [2.5] = 2 } v[#v + 1] = "end" table.insert(v, 2, "two") out[5] = v
    t[301] = 1 t[302] = 2 out[6] = t[303] out[7] = { next({}, nil) } out[8] = { pcall(next, {}, 1) }
    local w = setmetatable({}, { __mode = "k" }) for i = 1, 50 do w[{}] = i end out[9] = next(w) ~= nil
    return out, t`,
  'suspends coroutines': `
    local out = {}
    local function body(a, b, ...)
      local c, d local e <close> = setmetatable({}, { __close = function(_, why) out[#out + 1] = tostring(why) end })
      local x, y, z = coroutine.yield(a, b, c, d, ...) out[#out + 1] = table.pack(x, y, z)
      local function deep(n) local p, q if n > 0 then deep(n - 1) else coroutine.yield(p, q) end end
      deep(100) error({ c, d })
    end
    for n = 1, 5 do
      local co = coroutine.create(body)
      for step = 1, 4 do out[#out + 1] = table.pack(coroutine.resume(co, n, nil, step)) end
      out[#out + 1] = coroutine.status(co) out[#out + 1] = debug.traceback(co) out[#out + 1] = { coroutine.close(co) }
    end
    out[#out + 1] = table.pack(coroutine.wrap(function(...) return select("#", ...), ... end)())
    return out`,
  'reads numbers': `
    local out = {}
    for text in ("0x1p-1074 1e400 0x.8p1 1e-400 .5e1 5e 0x 0xp1 1e+ 0x7fffffffffffffffff 9223372036854775808 -9223372036854775809 nan inf 1e1x 00010 0x1.fffffffffffff8p0 123456789012345678901234567890.123456789e-20"):gmatch("%S+") do
      out[#out + 1] = tostring(tonumber(text)) .. "/" .. tostring(tonumber(text, 16)) .. "/" .. tostring(math.tointeger(text))
      out[#out + 1] = tostring(tonumber(" " .. text .. " ")) .. tostring(tonumber(("1"):rep(300))) .. tostring(load("return " .. text))
      out[#out + 1] = { pcall(load("return " .. text) or error) }
    end
    return out`,
  'parses sources and meets errors': `
    local out = {}
    for _, source in ipairs({ "return 1 +", "x = = 1", "return ...", "goto a", "local x <const> = 1 x = 2", "break", "'open", "[[open", "\\255", "return '\\\\u{110000}'",
      "::a:: ::a::", "return 0x", "local a, b, c = ... local d return a, b, c, d", ("("):rep(250), "return " .. ("{"):rep(150) .. ("}"):rep(150), "\\27Lua", "" }) do
      local f, why = load(source, source:sub(1, 20)) out[#out + 1] = tostring(why) out[#out + 1] = f and table.pack(pcall(f, 1))
    end
    local pieces = 0
    out[#out + 1] = table.pack(load(function() pieces = pieces + 1 return pieces < 40 and "local x" .. pieces .. " " or nil end)())
    for mode in ("b t bt x tb"):gmatch("%S+") do out[#out + 1] = { load("return 1", "n", mode) } out[#out + 1] = { load("\\27", "n", mode) } end
    return out`,
  'matches and replaces': `
    return ("hello world"):gsub("(o)(.)", "%2%1%0"), ("abc"):gsub("", "-"), ("x=1, y=2"):gsub("(%w+)=(%w+)", { x = "z" }), ("abc"):find("b()"), ("key = value"):match("^(%w+)%s*=%s*(%w+)$"),
      ("f(a(b)c)d"):match("%b()"), ("THE (quick) fox"):find("%((%a+)%)"), ("x"):rep(100, ","), ("abc"):reverse():upper():byte(1, -1), pcall(string.gsub, "x", "(", ""), pcall(string.rep, "x", 1e10),
      ("%d"):gsub("%%d", "%%"), ("a,b,,c"):gsub(",", { [","] = false }), pcall(string.gsub, "abc", "%w", "%2"), (("x"):rep(500)):gsub("x", "yy")`,
  sorts: `
    local t = {} for i = 1, 1000 do t[i] = i * 7919 % 1009 end table.sort(t)
    local u = {} for i = 1, 200 do u[i] = "k" .. i * 37 % 101 end table.sort(u, function(a, b) return a > b end)
    return table.concat(t, " "), table.concat(u, " "), pcall(table.sort, { 1, "a" }), pcall(table.sort, { 3, 1, 2, 5, 4 }, function() return true end)`,
  'draws random numbers': `
    local out = { math.random(0), math.random(), math.random(100), math.random(math.mininteger, math.maxinteger) }
    math.randomseed(42) out[5] = math.random(0) math.randomseed(-1, 2) out[6] = math.random(0) return out`,
  'counts memory and shows addresses': `
    local t = {} for i = 1, 100 do t[i] = tostring({}) .. tostring(function() end) .. tostring(coroutine.create(print)) end
    return collectgarbage("count"), table.concat(t), tostring(print), tostring(t), collectgarbage("step"), collectgarbage()`,
  'fills, empties and fills memory': `
    local t = {} for i = 1, 3000 do t[i] = ("x"):rep(i % 97) .. i end t = nil
    local u = {} for i = 1, 3000 do u[i] = { i, nil, tostring(i) } end
    local s = {} for i = 1, 3000, 100 do s[#s + 1] = u[i][1] .. tostring(u[i][2]) .. u[i][3] .. #u[i] end
    return table.concat(s), pcall(string.rep, "x", 2^26 // 1 | 0), utf8.char(8364, 0x7fffffff), utf8.len("\\xff"), utf8.codepoint("äö", 1, -1)`,
  'traces back': `
    local function f(n) if n == 0 then return debug.traceback("here", 1), debug.traceback(nil), debug.traceback({}) end local a, b, c = f(n - 1) return a, b, c end
    return f(30), select(2, pcall(error)), select(2, xpcall(function() local x = nil + 1 end, debug.traceback)), select(2, pcall(function() local t = {} t.x.y = 1 end)),
      select(2, xpcall(error, error)), pcall(f, 1e7)`,
}

/** What is free inside an image: worked out once. */
function freeRanges(image: Image): readonly AddressRange[] {
  const known = free.get(image)
  if (known !== undefined) return known
  const { upperPart } = composeImage(image)
  const heap = new Uint32Array(Uint8Array.from(upperPart.subarray(CLEAN_STACK_BYTES)).buffer)
  const ranges = findFreeRanges(heap, image.addresses.scratch + SCRATCH_BYTES)
  free.set(image, ranges)
  return ranges
}

/** Restores of what runs change only. */
let leanRestores = 0

const free = new WeakMap<Image, readonly AddressRange[]>()

/** What a run of the image says when what no restore touches is full of `pattern`; without one after a whole restore. */
function outcome(image: Image, pattern?: Buffer): string {
  const { vm } = world
  if (pattern === undefined) {
    restoreImage(vm, image)
    restoreImage(vm, image, OWNER)
  } else {
    assert.equal(vm.owner, OWNER)
    vm.bytes.fill(pattern, STATIC_END, HEAP_BASE)
    vm.bytes.fill(pattern, vm.scratch, vm.scratch + vm.scratchBytes)
    vm.bytes.fill(pattern, image.heapEnd)
    for (const { from, to } of [STDIO_BUFFERS, ...freeRanges(image)]) vm.bytes.fill(pattern, from, to)
    vm.usedEnd = vm.sizeBytes
    restoreImage(vm, image, OWNER)
    if (vm.bytes[STDIO_BUFFERS.from] === pattern[0]) leanRestores++
  }
  vm.words.fill(
    0x1234567,
    image.addresses.randomState >>> 2,
    (image.addresses.randomState + SEED_BYTES) >>> 2,
  )
  const { status } = resumeRun(vm, 0)
  assert.ok(constants.equals(vm.bytes.subarray(0, VARIABLES_AT)), 'constants')
  if (status === LUA_OK) return String(world.results().join('\n'))
  const { message, traceback } = describeError(vm, status)
  return `${message}\n${traceback}`
}

const PATTERNS = [
  Buffer.alloc(4, 0xa5),
  Buffer.alloc(4, 0xff),
  Buffer.from('a secret of the run before, '),
  Buffer.from(new Uint32Array([1, 0x13, 0x7ff80000, 0x44, 1_083_800]).buffer),
]

/** The image of a source as a chunk; undefined when it cannot be loaded. */
function imageOf(source: string): Image | undefined {
  const { vm } = world
  restoreImage(vm, world.base)
  if (loadChunk(vm, Buffer.from(source), 'script') !== undefined) return undefined
  collectGarbage(vm)
  const image = new Image(world.base.origin, captureImage(vm, world.base.origin))
  image.restores = HOT_AFTER - 1
  return image
}

/** What the source says; undefined when it cannot be loaded. */
function assertBlind(source: string): string | undefined {
  const image = imageOf(source)
  if (image === undefined) return undefined
  const expected = outcome(image)
  for (const pattern of PATTERNS) assert.equal(outcome(image, pattern), expected, source)
  return expected
}

const asSource = (body: string): string => SHOW.replace('SOURCE', () => body)

for (const [kind, source] of Object.entries(SOURCES)) {
  test(`a script that ${kind} shows nothing of the memory that a run before it left`, () => {
    const shown = assertBlind(asSource(source)) ?? ''
    assert.match(shown, /^table: \w+\{1=boolean:true/)
  })
}

test('random scripts show nothing of the memory that a run before them left', () => {
  const first = Number(process.env.DEAD_MEMORY_SEED ?? Math.floor(Math.random() * 2 ** 31))
  const count = Number(process.env.DEAD_MEMORY_SCRIPTS ?? 150)
  for (let seed = first; seed < first + count; seed++) {
    try {
      assertBlind(generateScript(createRandom(seed)))
    } catch (error) {
      throw new Error(`DEAD_MEMORY_SEED=${seed}`, { cause: error })
    }
  }
  assert.ok(leanRestores > 2 * count, `${leanRestores}`)
})

test('scripts that take turns in one VM for one owner show nothing of each other', () => {
  const bodies = [
    ...Object.values(SOURCES),
    'local t = {} for i = 1, 40000 do t[i] = i end return #t, collectgarbage("count")',
  ]
  const images = bodies.flatMap((body) => imageOf(asSource(body)) ?? [])
  // What these have made of the base's own memory while they loaded comes back with each restore, and goes with it.
  for (const topLevel of [
    'for i = 1, 3000 do _G["g" .. i] = { i } end string.upper = nil',
    'kept = ("x"):rep(2^21 // 1 | 0)',
    'for name in next, string do string[name] = nil end table = nil',
  ]) {
    images.push(
      world.load(
        `${topLevel} return function() return kept and #kept, g7 and g7[1], next(string) == nil, ("").x end`,
      ),
    )
  }
  assert.equal(images.length, bodies.length + 3)
  const expected = images.map((image) => outcome(image))
  // Some get code of their own, and lose it to others.
  for (const image of images) image.restores = HOT_AFTER - 6
  outcome(images[0] as Image)
  const random = createRandom(1)
  for (let run = 0; run < 20 * images.length; run++) {
    const index = Math.floor(random() * images.length)
    const pattern = PATTERNS[run % PATTERNS.length] as Buffer
    assert.equal(outcome(images[index] as Image, pattern), expected[index], `run ${run}: ${bodies[index]}`)
  }
  assert.ok(images.some(({ hot }) => hot !== undefined))
  restoreImage(world.vm, world.base)
  assert.equal(findDifference(world.vm, world.base), undefined)
})
