// Runs in the page: one engine, one load, some requests, all timed by the page's clock.
import { createEngine } from 'react-edge-llm/engine'

/**
 * @typedef {{ model: string, dtype: string, device: string, threads: number }} Setup
 * @typedef {{ promptTokens: number, tokens: number, ttftMs: number, prefill: number, decode: number, memoryBytes: number }} Figures
 * @typedef {{ generate(content: string, maxTokens: number): Promise<Figures> }} Side
 */

/** Times of one request, by when its tokens reach the page. */
class Stopwatch {
  #started = performance.now()
  #first
  #last
  #tokens = 0

  token() {
    this.#last = performance.now()
    this.#first ??= this.#last
    this.#tokens++
  }

  /** @returns {Figures} */
  figures(promptTokens, memoryBytes) {
    const ttftMs = this.#first - this.#started
    return {
      promptTokens,
      tokens: this.#tokens,
      ttftMs,
      prefill: (promptTokens * 1000) / ttftMs,
      decode: ((this.#tokens - 1) * 1000) / (this.#last - this.#first),
      memoryBytes,
    }
  }
}

const loaders = {
  /** @param {Setup} setup @returns {Promise<Side>} */
  async ours({ model, dtype, device, threads }) {
    const engine = createEngine({ models: { onnx: `/models/${model}` }, dtype, device, threads })
    await engine.load()
    return {
      async generate(content, maxTokens) {
        const watch = new Stopwatch()
        for await (const event of engine.generate({ messages: [{ role: 'user', content }], maxTokens })) {
          if (event.type === 'text-delta') watch.token()
          if (event.type !== 'finish') continue
          const { promptTokens, reusedTokens, memoryBytes } = event.metrics
          if (reusedTokens > 0) throw new Error('The prompts share a prefix: prefill cannot be compared')
          return watch.figures(promptTokens, memoryBytes)
        }
      },
    }
  },

  /** @param {Setup} setup @returns {Promise<Side>} */
  async transformers(setup) {
    const worker = new Worker(new URL('./transformersWorker.js', import.meta.url), { type: 'module' })
    const ask = (message, onToken) =>
      new Promise((resolve, reject) => {
        worker.onerror = (event) => reject(new Error(event.message))
        worker.onmessage = ({ data }) => {
          if (data === 'token') onToken?.()
          else if (data.error) reject(new Error(data.error))
          else resolve(data)
        }
        worker.postMessage(message)
      })
    await ask({ load: setup })
    return {
      async generate(content, maxTokens) {
        const watch = new Stopwatch()
        const { promptTokens, memoryBytes } = await ask({ content, maxTokens }, () => watch.token())
        return watch.figures(promptTokens, memoryBytes)
      },
    }
  },
}

const sides = {}

/** Loads one side and resolves to the milliseconds it took. */
window.load = async (name, setup) => {
  const started = performance.now()
  sides[name] = await loaders[name](setup)
  return performance.now() - started
}

/** Runs one request and resolves to its figures. */
window.generate = (name, content, maxTokens) => sides[name].generate(content, maxTokens)
window.ready = true
