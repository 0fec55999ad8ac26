// A function of the script is found by its name, the first time by Lua and then by what is known of the image.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resumeRun } from '../../../workers/vm/execution.js'
import { pushGlobalFunction } from '../../../workers/vm/global-functions.js'
import type { Image } from '../../../workers/vm/image.js'
import { LUA_OK } from '../../../workers/vm/lua.js'
import { restoreImage } from '../../../workers/vm/restoring.js'
import { LuaWorld } from '../../support/lua-world.js'

const world = new LuaWorld()

/** What the function of that name returns; undefined when there is none. */
function callByName(image: Image, name: string): unknown {
  const { vm } = world
  restoreImage(vm, image, 7)
  const bytes = Buffer.from(`in front ${name} behind`)
  if (!pushGlobalFunction(vm, image, bytes, 9, Buffer.byteLength(name))) return undefined
  assert.equal(vm.lua.lua_gettop(vm.runThread), 1)
  assert.equal(resumeRun(vm, 0).status, LUA_OK)
  return world.results()[0]
}

test('each name finds its own function, every time', () => {
  const image = world.load(`
    function a() return "a" end
    function ab() a = nil ab = a return "ab" end
    b = function() return "b" end
    c = print
    _ENV["ü x"] = function() collectgarbage() return "umlaut" end
    return function() end`)
  for (let round = 0; round < 3; round++) {
    for (const name of ['a', 'ab', 'b']) assert.equal(callByName(image, name), name)
    assert.equal(callByName(image, 'ü x'), 'umlaut')
    assert.equal(callByName(image, 'c'), undefined, 'print returns nothing')
  }
  assert.equal(image.functions.length, 5)
})

test('what is no function is none, every time, and known nowhere', () => {
  const image = world.load(`
    x = 1 t = setmetatable({}, { __call = function() return 1 end })
    setmetatable(_G, { __index = function() return function() return 1 end end })
    return function() end`)
  for (const name of ['x', 't', 'missing', '', 'x', 'missing']) {
    const { vm } = world
    restoreImage(vm, image, 7)
    const bytes = Buffer.from(name)
    assert.equal(pushGlobalFunction(vm, image, bytes, 0, bytes.length), false, name)
  }
  assert.equal(image.functions.length, 0)
})

test('more functions than are remembered are found as well', () => {
  const names = Array.from({ length: 50 }, (_, n) => `f${n}`)
  const image = world.load(
    `for i = 0, 49 do _G["f" .. i] = function() return "f" .. i end end return function() end`,
  )
  for (let round = 0; round < 2; round++)
    for (const name of names) assert.equal(callByName(image, name), name)
  assert.equal(image.functions.length, 32)
})

test('names are whole bytes: with zeros, alike at the beginning, as long as names may be', () => {
  const names = ['a', 'a\0', 'a\0b', '\0', 'é', 'x'.repeat(256), 'x'.repeat(255), '😀'.repeat(64)]
  const list = names.map((name) => `"${name.replaceAll('\0', '\\0')}"`).join(', ')
  const image = world.load(
    `for _, name in ipairs({ ${list} }) do _G[name] = function() return #name .. name end end return function() end`,
  )
  const shown = (name: string): string => {
    const bytes = Buffer.from(name)
    return `${bytes.length}${bytes.toString('latin1')}`
  }
  for (let round = 0; round < 3; round++) {
    for (const name of names) assert.equal(callByName(image, name), shown(name))
    for (const name of ['a\0c', 'x'.repeat(254), 'aa']) assert.equal(callByName(image, name), undefined)
  }
})

test('two scripts with functions of one name take turns, and each has its own', () => {
  const images = ['one', 'two'].map((text) =>
    world.load(
      `local more = ("y"):rep(#"${text}" * 1000) function f() return "${text}" end return function() return more end`,
    ),
  )
  for (let round = 0; round < 300; round++) {
    for (const [index, text] of ['one', 'two'].entries())
      assert.equal(callByName(images[index] as Image, 'f'), text)
  }
})
