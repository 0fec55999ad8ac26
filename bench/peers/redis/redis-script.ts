// A work as Redis takes it: one body for both forms, so that EVALSHA and FCALL do the same.
//
//   Function library    #!lua name=…  +  body  +  one registration per function
//   script, one each    body  +  return name(KEYS, ARGV)
//
// Redis forbids globals, so the names are declared local above the body.

import { readBenchFile, type Work } from '../../works.js'

export interface RedisSources {
  readonly library: string
  readonly scripts: ReadonlyMap<string, string>
}

export function redisSources(work: Work): RedisSources {
  const own = readBenchFile(`peers/redis/${work.name}.lua`)
  const body = work.name === 'compute' ? work.lua + own : own
  const names = [...new Set([...body.matchAll(/^function (\w+)\(/gm)].map(([, name]) => name as string))]
  const code = `local ${names.join(', ')}\n${body}\n`
  const registrations = names.map((name) => `redis.register_function('${name}', ${name})`).join('\n')
  return {
    library: `#!lua name=bench_${work.name}\n${code}${registrations}`,
    scripts: new Map(names.map((name) => [name, `${code}return ${name}(KEYS, ARGV)`])),
  }
}

const BOOLEANS = new Set(['check_rate_limit', 'fill_in'])

/** Redis has no booleans to answer with in every client: 1 and 0 stand for them. */
export function readAnswer(name: string, reply: unknown): unknown[] {
  return [BOOLEANS.has(name) ? reply === 1 : reply]
}
