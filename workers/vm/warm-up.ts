// Wasm starts in code that is compiled fast and runs ten times slower, and is replaced function by function after many
// calls, never inside a running loop. So a new thread runs a bit of everything before its first script.

import { loadChunk, resumeRun } from './execution.js'
import type { Image } from './image.js'
import { restoreImage } from './restoring.js'
import type { Vm } from './vm.js'

const RUNS = 200
const RESTORE_EVERY = 10

/** Touches what scripts do most: arithmetic, tables, calls, strings, patterns, metamethods, errors, coroutines. */
const SOURCE = Buffer.from(`
  local Point = {}
  Point.__index = Point
  function Point.length(self) return self.x * self.x + self.y * self.y end

  local function work(n)
    local sum, list, named = 0, {}, {}
    for i = 1, n do
      sum = (sum + i * 7 // 3) % 1009
      list[#list + 1] = i .. ":" .. sum
      named["key" .. i] = { id = i, on = i % 2 == 0, part = i / 3 }
    end
    for key, value in pairs(named) do sum = sum + #key + value.id end
    for i, text in ipairs(list) do sum = sum + i + #text end
    table.sort(list)
    local text = table.concat(list, ","):upper():gsub("%d+", "<%0>")
    sum = sum + #string.format("%s %d %.2f", text:sub(1, 9), sum, sum / 7) + (text:find("<4>", 1, true) or 0)
    sum = sum + setmetatable({ x = n, y = 2 }, Point):length() + math.floor(n / 2) + tonumber("12") + (select("#", n, n))
    local ok, reason = pcall(error, "no")
    local each = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
    return sum + each() + each(), ok, tostring(reason), os.time(), type(sum)
  end
  return work(4)
`)

/** Some 200 short runs, 20–60 ms on a cold thread; leaves the VM at the image it was given. */
export function warmUp(vm: Vm, base: Image): void {
  const { lua, runThread } = vm
  for (let run = 0; run < RUNS; run++) {
    if (run % RESTORE_EVERY === 0) {
      restoreImage(vm, base)
      loadChunk(vm, SOURCE, 'warm-up')
    }
    lua.lua_pushvalue(runThread, 1)
    resumeRun(vm, 0)
    lua.lua_settop(runThread, 1)
  }
  restoreImage(vm, base)
}
