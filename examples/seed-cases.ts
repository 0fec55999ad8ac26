// The examples of the document that the cache module comes from, as data: what to put after each, and what the
// document says comes of it. The tour shows them, test/seed.test.ts holds the engine to them.

import { readFileSync } from 'node:fs'

export interface SeedCase {
  /** File in seed/, which is never changed. */
  readonly file: string
  /** Lua lines put after the example: they use what it defines and return what it did. */
  readonly closing: string
  /** What the closing lines return. */
  readonly expected: unknown
  /** What the example prints, line by line. */
  readonly prints: readonly string[]
}

/** Seen from the compiled file: the Lua files stay where they are. */
const folder = new URL('../../examples/', import.meta.url)

const users = [
  { id: 1, name: 'Alice' },
  { id: 2, name: 'Bob' },
]

export const seedCases: readonly SeedCase[] = [
  {
    file: '01-get.lua',
    closing: 'return { user_name, session_data == nil }',
    expected: ['Unknown User', true],
    prints: ['Session expired or not found'],
  },
  {
    file: '02-put.lua',
    closing: 'return { success, cache.get("user:123:name"), cache.get("user:123:profile") }',
    expected: [
      true,
      'John Doe',
      {
        id: 123,
        name: 'John Doe',
        email: 'john@example.com',
        preferences: { theme: 'dark', language: 'en' },
        roles: ['user', 'admin'],
      },
    ],
    prints: ['User data cached successfully'],
  },
  {
    file: '03-put_ttl.lua',
    closing:
      'return { cache.get("session:abc123"), cache.get("api:users:list").data, cache.get("temp:calculation:xyz"), cache.get("very_short_cache") }',
    expected: [{ user_id: 123, token: 'abc123' }, '...', 42, 'temporary'],
    prints: [],
  },
  { file: '04-prefix-tenant_123.lua', closing: 'return count', expected: 150, prints: [] },
  { file: '05-prefix-tenant_456.lua', closing: 'return count', expected: 300, prints: [] },
  {
    file: '06-primitive-types.lua',
    closing:
      'return { cache.get("string_key"), cache.get("number_key"), cache.get("boolean_key"), cache.get("nil_key", "missing") == nil }',
    expected: ['Hello World', 42.5, true, true],
    prints: [],
  },
  {
    file: '07-complex-types.lua',
    closing: 'return { cache.get("tags"), cache.get("config"), cache.get("app_state") }',
    expected: [
      ['admin', 'user', 'editor'],
      { debug: true, max_users: 1000, features: ['feature_a', 'feature_b'] },
      { users, settings: { theme: 'dark', notifications: { email: true, sms: false } } },
    ],
    prints: [],
  },
  {
    file: '08-practice-keys.lua',
    closing: 'return { cache.get("user:123:profile"), cache.get("session:abc123:data") }',
    expected: [
      { id: 123, name: 'John Doe' },
      { user_id: 123, token: 'abc123' },
    ],
    prints: [],
  },
  {
    file: '09-practice-ttls.lua',
    closing:
      'return { cache.get("api:rate_limit:user123"), cache.get("user:123:permissions"), cache.get("app:config") }',
    expected: [7, ['read', 'write'], { debug: false, max_users: 1000 }],
    prints: [],
  },
  {
    file: '10-practice-misses.lua',
    closing: 'return { user_data, cache.get("user:123:profile") }',
    expected: [
      { id: 123, name: 'John Doe' },
      { id: 123, name: 'John Doe' },
    ],
    prints: [],
  },
  {
    file: '11-api-responses.lua',
    closing: 'local first, second = fetch_user_list(), fetch_user_list() return { first, second }',
    expected: [users, users],
    prints: ['Returning cached user list'],
  },
  {
    file: '12-sessions.lua',
    closing:
      'local id = create_session("user123") return { id, get_session(id).user_id, invalidate_session(id), get_session("other") == nil }',
    expected: ['fresh', 'user123', true, true],
    prints: [],
  },
  {
    file: '13-rate-limit.lua',
    closing: 'return cache.get("rate_limit:user123")',
    expected: 1,
    prints: ['Request allowed'],
  },
]

/** The preamble on one line, without its comments. */
function preambleLine(): string {
  return readFileSync(new URL('seed-preamble.lua', folder), 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('--'))
    .join(' ')
}

/** An example as the document has it. */
export function seedExample(file: string): string {
  return readFileSync(new URL(`seed/${file}`, folder), 'utf8')
}

/** An example ready for `engine.eval`: names supplied, line numbers kept, its closing lines after it. */
export function seedChunk({ file, closing }: SeedCase): string {
  return `${preambleLine()}${seedExample(file).trimEnd()}\n${closing}\n`
}

/** The function of the rate limiting example without the call below it, which would run while the script loads. */
export function rateLimiterSource(): string {
  const [definition] = seedExample('13-rate-limit.lua').split('-- Usage')
  return definition ?? ''
}
