// The front of the value format: what other rooms use. The format is drawn in value-format.ts.

export { ByteWriter } from './byte-writer.js'
export { decodeValue } from './decode-value.js'
export { encodeValue } from './encode-value.js'
export { endOfValues } from './value-extent.js'
export type { Cursor, LuaInput, LuaKey, LuaValue } from './value-format.js'
export { DamagedValueError } from './value-format.js'
