import { toLLMError } from '../../../errors/index.js'
import { CoreModule, ThreadPool, type CoreMemory } from '../../../simd/index.js'
import type { SimdPlatform } from './SimdPlatform.js'

/** The core's code and threads, which can be made ready before there is a model for them. */
export class EarlyCore {
  readonly #platform: SimdPlatform
  #binary: Promise<Uint8Array> | undefined
  readonly #modules = new Map<boolean, Promise<CoreModule>>()
  #waiting: { memory: CoreMemory; pool: Promise<ThreadPool> } | undefined

  constructor(platform: SimdPlatform) {
    this.#platform = platform
  }

  /** Begins to compile; what goes wrong is told by {@link compiled}. */
  start(): void {
    this.compiled(this.#platform.threads > 1).catch(() => undefined)
  }

  /** Begins to start all threads on a memory whose weights may still be on their way, once; what goes wrong is told by {@link threads}. */
  startThreads(memory: CoreMemory): void {
    if (this.#waiting || !memory.shared || this.#platform.threads === 1) return
    this.#waiting = { memory, pool: this.#startPool(memory, this.#platform.threads) }
    this.#waiting.pool.catch(() => undefined)
  }

  /** So many threads, which can become more or fewer: those that wait, where they are what is asked for. */
  async threads(memory: CoreMemory, count: number): Promise<ThreadPool> {
    const waiting = this.#waiting
    if (waiting?.memory !== memory || count !== this.#platform.threads) return this.#startPool(memory, count)
    this.#waiting = undefined
    return waiting.pool
  }

  /** Ends threads that nobody has asked for. */
  dispose(): void {
    void this.#waiting?.pool.then((pool) => pool.dispose()).catch(() => undefined)
    this.#waiting = undefined
  }

  /**
   * @param shared whether the memory is shared.
   * @throws LLMError `session-failed`
   */
  compiled(shared: boolean): Promise<CoreModule> {
    let module = this.#modules.get(shared)
    if (!module) this.#modules.set(shared, (module = this.#compile(shared)))
    return module
  }

  async #startPool(memory: CoreMemory, count: number): Promise<ThreadPool> {
    return ThreadPool.start(await this.compiled(true), memory, count, this.#platform.spawn)
  }

  async #compile(shared: boolean): Promise<CoreModule> {
    return CoreModule.compile(await (this.#binary ??= this.#read()), shared)
  }

  async #read(): Promise<Uint8Array> {
    try {
      return await this.#platform.readCore()
    } catch (cause) {
      throw toLLMError(cause, {
        code: 'session-failed',
        subject: 'core.wasm',
        message: `core.wasm, a file of the kit, could not be read: ${cause instanceof Error ? cause.message : String(cause)}`,
        recoverable: true,
      })
    }
  }
}
