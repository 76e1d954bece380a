import { LLMError } from '../errors/index.js'
import type { CoreMemory } from './CoreMemory.js'
import { withMemoryImport } from './memoryImport.js'

/**
 * What the core exports; see `core/index.ts`. Addresses are unsigned, but come as signed 32-bit
 * integers. Every thread calls a step with its own index.
 */
export interface CoreExports {
  /** Version of the arithmetic: int32, see `docs/simd-numerics.md`. */
  readonly NUMERICS_VERSION: WebAssembly.Global
  scratchBytes(plan: number, maxTokens: number, maxThreads: number): number
  placeScratch(run: number, scratch: number, maxTokens: number, maxThreads: number): void
  attentionBytes(plan: number, context: number): number
  pageBytes(plan: number): number
  prepare(plan: number): void
  begin(run: number, thread: number, threads: number): void
  layer(run: number, index: number, thread: number, threads: number): void
  logits(run: number, first: number, count: number, thread: number, threads: number): void
  halvesToFloats(from: number, to: number, count: number): void
  argmax(logits: number, count: number, mask: number): number
  topK(logits: number, count: number, most: number, mask: number, indices: number, values: number): number
  maskLogits(logits: number, count: number, mask: number): void
  logSumExp(logits: number, count: number): number
}

/** The core's code, compiled once; each thread instantiates it on the one memory. */
export class CoreModule {
  readonly #module: WebAssembly.Module

  private constructor(module: WebAssembly.Module) {
    this.#module = module
  }

  /**
   * @param binary `core.wasm`.
   * @param shared whether the memory will be shared.
   * @throws LLMError `session-failed` when this engine cannot compile it.
   */
  static async compile(binary: Uint8Array, shared: boolean): Promise<CoreModule> {
    try {
      return new CoreModule(await WebAssembly.compile(withMemoryImport(binary, shared)))
    } catch (cause) {
      throw new LLMError({
        code: 'session-failed',
        subject: 'core.wasm',
        message: 'This browser cannot compile the SIMD core: it needs WebAssembly with 128-bit SIMD.',
        cause,
      })
    }
  }

  /**
   * A module that another thread compiled and sent.
   */
  static of(module: WebAssembly.Module): CoreModule {
    return new CoreModule(module)
  }

  /** To be sent to other threads. */
  get module(): WebAssembly.Module {
    return this.#module
  }

  /**
   * @param barrier returns when all threads have called it.
   */
  async instantiate(memory: CoreMemory | WebAssembly.Memory, barrier: () => void): Promise<CoreExports> {
    const instance = await WebAssembly.instantiate(this.#module, {
      env: { memory: memory instanceof WebAssembly.Memory ? memory : memory.memory, barrier },
    })
    return instance.exports as unknown as CoreExports
  }
}
