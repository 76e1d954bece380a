import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { assemblyScript } from '../../../scripts/lib/assemblyScript.mjs'

const core = path.join(import.meta.dirname, '../../../src/simd/core')
const cache = path.join(tmpdir(), 'edge-llm-operators')
/** Where tests may put things: the module's own static data is below. */
const HEAP = 65536

/** Compiled operators on a memory of their own. */
export class Operators {
  readonly memory: WebAssembly.Memory
  #next = HEAP
  readonly #exports: WebAssembly.Exports

  private constructor(memory: WebAssembly.Memory, exports: WebAssembly.Exports) {
    this.memory = memory
    this.#exports = exports
  }

  /**
   * @param entry AssemblyScript that exports what the test calls; it imports from `./…` as a file in `core` does.
   * @param pages of 64 KiB.
   */
  static async compile(entry: string, pages = 1024): Promise<Operators> {
    const memory = new WebAssembly.Memory({ initial: pages })
    const { instance } = await WebAssembly.instantiate(await binary(entry), { env: { memory } })
    return new Operators(memory, instance.exports)
  }

  call(name: string, ...args: number[]): number {
    return (this.#exports[name] as (...args: number[]) => number)(...args)
  }

  /** Address of so many bytes, at a multiple of 16, after `gap` bytes. */
  allocate(bytes: number, gap = 0): number {
    const at = this.#next + gap
    this.#next = Math.ceil((at + bytes) / 16) * 16
    if (this.#next > this.memory.buffer.byteLength) throw new Error('The memory of the test is too small.')
    return at
  }

  /** Gives everything back that was allocated. */
  reset(): void {
    this.#next = HEAP
    new Uint8Array(this.memory.buffer, HEAP).fill(0)
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length)
  }

  doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, length)
  }

  integers(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length)
  }

  /** Address of a copy of these floats. */
  put(values: ArrayLike<number>): number {
    const address = this.allocate(4 * values.length)
    this.floats(address, values.length).set(values)
    return address
  }
}

/** The bytes of a module. Compiled anew when the entry or any file of the core changed. */
export async function binary(entry: string): Promise<Uint8Array<ArrayBuffer>> {
  const sources = new Map<string, string>([['test-entry.ts', entry]])
  for (const name of readdirSync(core, { recursive: true, encoding: 'utf8' }).sort()) {
    if (name.endsWith('.ts')) sources.set(name.replaceAll('\\', '/'), readFileSync(path.join(core, name), 'utf8'))
  }
  const key = createHash('sha256').update(JSON.stringify([...sources])).digest('hex')
  const file = path.join(cache, `${key}.wasm`)
  try {
    return new Uint8Array(readFileSync(file))
  } catch {
    // Not compiled yet.
  }
  let output: Uint8Array<ArrayBuffer> | undefined
  const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory']
  const { error, stderr } = await assemblyScript.main(['test-entry.ts', ...flags, '--outFile', 'test.wasm'], {
    readFile: (name) => sources.get(path.posix.normalize(name)) ?? null,
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') output = new Uint8Array(contents)
    },
    listFiles: () => [],
  })
  if (error || !output) throw new Error(`The operators do not compile: ${stderr.toString()}`)
  mkdirSync(cache, { recursive: true })
  // Another test file may compile the same.
  const temporary = `${file}.${process.pid}`
  writeFileSync(temporary, output)
  renameSync(temporary, file)
  return output
}
