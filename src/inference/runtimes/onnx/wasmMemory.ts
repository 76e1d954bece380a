/**
 * Counts the memory of WebAssembly modules that are made from now on: ONNX Runtime does not show
 * the memory it allocates. Meant for a worker's own realm, whose `WebAssembly.Memory` it replaces.
 * @returns a function that gives the bytes in use.
 */
export function observeWasmMemory(): () => number {
  const memories: WebAssembly.Memory[] = []
  const Original = WebAssembly.Memory
  WebAssembly.Memory = class extends Original {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor)
      memories.push(this)
    }
  }
  return () => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0)
}
