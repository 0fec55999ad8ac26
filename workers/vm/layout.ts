// Addresses and offsets inside VM memory. All of them belong to the one wasm whose digest wasm.ts checks; the self test
// proves those that more than comfort depends on.
//
//   0        1,024       30,720      35,136           1,083,712            heap end            memory end
//   │ unused │ constants │ variables │ shadow stack ◀ │ heap ▶             │ never used, zero  │
//            └───── static data ────┘

/** Constants lie below: code of Lua and of the C library never writes there (isolation.test.ts). */
export const VARIABLES_AT = 30_720
export const STATIC_END = 35_136
/** Buffers of stdin, stdout and stderr, which nothing here reads from or writes to. */
export const STDIO_BUFFERS = { from: 31_952, to: 34_024 } as const
/** Where the shadow stack begins, growing downwards, and the heap, growing upwards. */
export const HEAP_BASE = 1_083_712
/** What keys and short strings need on their way: the first piece of the heap. */
export const SCRATCH_BYTES = 4096
/** Static variable (u32): the heap's end. Scripts with a bug of Lua at hand can write anything here. */
export const HEAP_END_AT = 31_452

/** What the allocator gives begins behind its own count of bytes: u32, with the same at the end. */
export const PIECE_HEAD_BYTES = 4

/** lua_State */
export const STATE = {
  type: 4,
  top: 12,
  global: 16,
  ci: 20,
  stack: 28,
  hook: 88,
  nCcalls: 96,
  basehookcount: 104,
  hookcount: 108,
  hookmask: 112,
} as const
export const STATE_BYTES = 116

/** CallInfo; `trap` is one of a Lua function only, `status` a u16. */
export const CALL = { function: 0, previous: 8, trap: 20, status: 34 } as const
export const CALL_BYTES = 36
/** In a CallInfo's status: the function is a C function. */
export const CALL_IS_C = 2

/** A C closure's first upvalue, a TValue. */
export const CLOSURE_UPVALUE = 16

/** global_State; `metamethodNames` is a list of TString pointers in the order of Lua's TMS. */
export const GLOBAL = {
  totalbytes: 8,
  debt: 12,
  /** Set by every collection, before it is read. */
  estimate: 16,
  stringTable: 24,
  stringTableSize: 32,
  seed: 72,
  /** Four bytes: the current white, the collector's state, its kind, whether it was stopped in an emergency. */
  collector: 76,
  allObjects: 88,
  fixedObjects: 124,
  metamethodNames: 172,
} as const
export const METAMETHOD_NEWINDEX = 1
export const METAMETHOD_GC = 2
export const METAMETHOD_MODE = 3

/** TValue: 8 bytes of value, then the tag. */
export const TVALUE_BYTES = 16
export const TVALUE_TAG = 8
export const TAG_INTEGER = 0x03
export const TAG_FLOAT = 0x13
export const TAG_FALSE = 0x01
export const TAG_TRUE = 0x11
export const TAG_SHORT_STRING = 0x44
export const TAG_LONG_STRING = 0x54
export const TAG_THREAD = 0x48
export const TAG_C_CLOSURE = 0x66
/** The same type in an object's own header: without the bit that says it is collectable. */
export const TYPE_THREAD = 0x08

/** What every object that the collector knows begins with. */
export const OBJECT = { next: 0, type: 4, marks: 5 } as const
export const TYPE_SHORT_STRING = 0x04
export const TYPE_LONG_STRING = 0x14
/** A function's compiled code. */
export const TYPE_PROTO = 0x0a
/** Of a Proto: constants, instructions, inner functions, upvalue descriptions, lines (two), local variables. */
export const PROTO_ARRAYS = [48, 52, 56, 60, 64, 68, 72] as const

/** TString: this many bytes, then the characters. */
export const STRING_HEADER_BYTES = 16
export const STRING_SHORT_LENGTH = 7
/** Longer strings are never interned. */
export const MAX_SHORT_STRING_BYTES = 40

/** Upper bits of nCcalls while a state may not yield; the lower 16 count C calls. */
export const NOT_YIELDABLE = 0x10000
