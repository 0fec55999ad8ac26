// works/compute.lua in JavaScript.

import type { PlainWork } from './plain-host.js'

function fibonacci(n: number): number {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2)
}

function joinStrings(): number {
  const parts: string[] = []
  for (let n = 1; n <= 100; n++) parts.push(`${n}:${'key'.repeat(3)}`)
  const text = parts.join(',').toUpperCase().replaceAll('KEY', 'value')
  let length = 0
  for (const [, word] of text.matchAll(/\d+:([a-z]+)/g)) length += (word as string).length
  return length
}

function sortNumbers(): number {
  const list: number[] = []
  let seed = 42
  for (let n = 0; n < 300; n++) {
    seed = (seed * 1_103 + 12_345) % 65_536
    list.push(seed)
  }
  list.sort((a, b) => a - b)
  return (list[0] as number) + (list[149] as number)
}

function repeat(times: number, work: (n: number) => number): number {
  let sum = 0
  for (let n = 1; n <= times; n++) sum += work(n)
  return sum
}

export const computeWork: PlainWork = () => ({
  fib: (times: number) => repeat(times, () => fibonacci(20)),
  strings: (times: number) => repeat(times, joinStrings),
  sort: (times: number) => repeat(times, sortNumbers),
  spin: (times: number) => repeat(times, (n) => n % 7),
})
