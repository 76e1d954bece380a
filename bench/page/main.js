// Runs in the page: one side, loaded when the page opens, then asked, all timed by the page's clock.

/**
 * @typedef {import('../../src/tools/types.js').ToolSpec} ToolSpec
 * @typedef {{ model: string, dtype: string, device: string, threads: number, cpuBackend?: string, gguf?: string, hub?: string, context?: number, speculation?: boolean, prefixCache?: object }} Setup
 *   `hub`: where the model is loaded from as from a Hub, so that it is stored; else it is a local one; `context`: most tokens, for who wants to know them before
 * @typedef {{ promptTokens: number, tokens: number, ttftMs: number, prefill: number, decode: number, memoryBytes?: number, forwardPasses?: number }} Figures
 *   prefill and decode in tokens a second
 * @typedef {{ callMs?: number, ttftMs: number, totalMs: number, promptTokens: number, reusedTokens?: number, tokens: number, forwardPasses?: number, memoryBytes?: number, answer: string }} Turn
 *   milliseconds from when the message was sent; `callMs`: until the first call was there, with ours until its handler ran
 * @typedef {{ send(text: string): Promise<Turn>, regenerate(): Promise<Turn> }} Chat
 * @typedef {{ tools?: ToolSpec[], maxTokens: number, toolCallBias?: number }} ChatOptions
 * @typedef {{ about: string, generate(content: string, maxTokens: number): Promise<Figures>, chat(options: ChatOptions): Chat }} Side
 * @typedef {(setup: Setup) => Promise<Side>} LoadSide
 */

/** What can be loaded. Each comes when it is asked for, so that nobody pays for the code of others. */
const loaders = {
  engine: async () => (await import('./sides/engine.js')).engine,
  transformers: async () => (await import('./sides/transformers.js')).transformers,
  wllama: async () => (await import('./sides/wllama.js')).wllama,
}

/** @type {Side} */
let side
/** @type {Chat} */
let chat

async function open({ loader, setup }) {
  const load = await loaders[loader]()
  const started = performance.now()
  side = await load(setup)
  // The clock of a page begins with its navigation.
  const readyMs = performance.now()
  return { readyMs, loadMs: readyMs - started, about: side.about }
}

// Not by the one who looks at the page: asking it takes time of its own.
const opened = open(JSON.parse(decodeURIComponent(location.hash.slice(1))))
opened.catch(() => undefined)

window.bench = {
  opened: () => opened,
  /** Runs one request and resolves to its figures. */
  generate: (content, maxTokens) => side.generate(content, maxTokens),
  /** Begins a conversation, in place of the one before. */
  begin(options) {
    chat = side.chat(options)
  },
  send: (text) => chat.send(text),
  regenerate: () => chat.regenerate(),
}
