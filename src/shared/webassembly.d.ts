// What this project uses of the WebAssembly JavaScript interface. The declarations come with the DOM library only,
// which a server has no use for.

declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]?: 'WebAssembly.Module'
  }
  const Module: {
    new (bytes: Uint8Array): Module
  }
  interface Memory {
    /** A new object whenever the memory has grown. */
    readonly buffer: SharedArrayBuffer
    /** @returns the number of pages before; throws a RangeError beyond the maximum */
    grow(pages: number): number
  }
  const Memory: {
    /** Sizes in pages of 64 KiB. */
    new (descriptor: { readonly initial: number; readonly maximum: number; readonly shared: true }): Memory
  }
  interface Global {
    value: bigint
  }
  const Global: {
    new (descriptor: { readonly value: 'i64'; readonly mutable: true }, value: bigint): Global
  }
  interface Table {
    readonly length: number
    get(index: number): ((...args: number[]) => number) | null
    set(index: number, value: unknown): void
    grow(slots: number): number
  }
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>
  }
  const Instance: {
    new (module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Instance
  }
  interface RuntimeError extends Error {}
  const RuntimeError: {
    new (message?: string): RuntimeError
  }
}
