// What is done over and over. Runs in the page and in Node.

const question = [{ role: 'user', content: 'Name three rivers, and say in one word what they have in common.' }]
const TOKENS = 6
const ABORT_AFTER = 2

/**
 * @typedef {typeof import('../../src/engine/index.js')} Kit `react-edge-llm/engine`, of a page or of Node
 */

/** Loads, asks, aborts and unloads, again and again. */
export class Cycle {
  #kit
  #config
  /** @type {import('../../src/engine/types.js').Engine | undefined} */
  #engine
  /** @type {string | undefined} */
  #answer

  /** @param {Kit} kit @param {import('../../src/engine/types.js').LLMConfig} config of a Hub model */
  constructor(kit, config) {
    this.#kit = kit
    this.#config = config
  }

  /** The beginning of a cycle: a load that is aborted, and one that is not. @param {number} number counts from 0 @returns {Promise<string>} what runs the model */
  async run(number) {
    this.#engine ??= this.#kit.createEngine(this.#config)
    // Now and then a download in place of what is stored.
    if (number % 10 === 9) await this.#kit.clearStoredModels(undefined, this.#config)
    await this.#abortLoad(number)
    const { backend } = await this.#engine.load()
    return backend
  }

  /** An answer, and one that is aborted. @returns {Promise<{ wasmBytes: number | undefined }>} of WebAssembly memory; in Node of the process, where ONNX Runtime runs */
  async turn() {
    const { text, memoryBytes } = await this.#ask()
    this.#answer ??= text
    if (text !== this.#answer) throw new Error(`“${text}” was answered where “${this.#answer}” was before`)
    await this.#ask(ABORT_AFTER)
    return { wasmBytes: memoryBytes }
  }

  /** @param {number} number every fifth time the engine goes, too */
  async unload(number) {
    if (number % 5 !== 4) return this.#engine?.unload()
    this.#engine?.dispose()
    this.#engine = undefined
  }

  /** Ends a load in whichever phase it is by then: a different moment each time. */
  async #abortLoad(number) {
    const controller = new AbortController()
    const load = this.#engine.load({ signal: controller.signal })
    const timer = setTimeout(() => controller.abort(), (number * 37) % 250)
    try {
      await load
    } catch (error) {
      if (error.code !== 'load-aborted') throw error
    } finally {
      clearTimeout(timer)
      await this.#engine.unload()
    }
  }

  async #ask(abortAfter = Infinity) {
    const controller = new AbortController()
    let seen = 0
    let text = ''
    let memoryBytes
    for await (const event of this.#engine.generate({ messages: question, maxTokens: TOKENS }, { signal: controller.signal })) {
      if (event.type === 'text-delta') {
        text += event.text
        if (++seen === abortAfter) controller.abort()
      }
      if (event.type === 'finish') memoryBytes = event.metrics.memoryBytes
    }
    return { text, memoryBytes }
  }
}
