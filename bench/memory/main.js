// Loads a model when it is told to, so that what the page needs without one can be seen before.
import { createEngine } from 'react-edge-llm/engine'

/** @param {import('../../src/engine/types.js').LLMConfig} config */
async function load(config) {
  const engine = createEngine(config)
  const { backend, dtype, threads, loadMs, memoryBytes } = await engine.load()
  return { backend, dtype, threads, loadMs, memoryBytes }
}

Object.assign(window, { load, ready: true })
