// The engine in Node: worker threads and onnxruntime-node, for command lines, tests and servers.
import { ModelEngine } from './ModelEngine.js'
import type { Engine, LLMConfig } from './types.js'

/**
 * Makes an engine for Node. Models are read from disk (`./models/x`) or a Hub. Never throws; see
 * the browser's `createEngine`.
 */
export function createEngine(config: LLMConfig): Engine {
  return new ModelEngine(config, () => import('./loader.node.js'))
}

export { clearStoredModels, isModelCached, listStoredModels, prefetchModel } from './storedModels.node.js'
export { isLLMError, LLMError } from '../errors/index.js'
