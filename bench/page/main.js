// Runs in the page: sides that are loaded once and then asked by turns, all timed by the page's clock.

/**
 * @typedef {{ model: string, dtype: string, device: string, threads: number, cpuBackend?: string, gguf?: string }} Setup
 * @typedef {{ promptTokens: number, tokens: number, ttftMs: number, prefill: number, decode: number, memoryBytes?: number }} Figures
 *   prefill and decode in tokens a second
 * @typedef {{ about: string, generate(content: string, maxTokens: number): Promise<Figures> }} Side
 * @typedef {(setup: Setup) => Promise<Side>} LoadSide
 */

/** What can be loaded. Each comes when it is asked for, so that nobody pays for the code of others. */
const loaders = {
  engine: async () => (await import('./sides/engine.js')).engine,
  transformers: async () => (await import('./sides/transformers.js')).transformers,
  wllama: async () => (await import('./sides/wllama.js')).wllama,
}

const sides = {}

/** Loads one side; resolves to the milliseconds it took and what it says of itself. */
window.load = async (name, loader, setup) => {
  const load = await loaders[loader]()
  const started = performance.now()
  sides[name] = await load(setup)
  return { loadMs: performance.now() - started, about: sides[name].about }
}

/** Runs one request and resolves to its figures. */
window.generate = (name, content, maxTokens) => sides[name].generate(content, maxTokens)
window.ready = true
