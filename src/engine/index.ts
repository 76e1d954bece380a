// Main-thread client of the model: owns worker, state and queue. No React. Imported by chat, react and apps (`react-edge-llm/engine`).
import { ModelEngine } from './ModelEngine.js'
import type { Engine, LLMConfig } from './types.js'

/**
 * Makes an engine for web pages. Never throws: an invalid config shows as state `error`, and
 * every load rejects with it. Nothing heavy is fetched before a model is wanted.
 */
export function createEngine(config: LLMConfig): Engine {
  return new ModelEngine(config, () => import('./loader.js'))
}

export { clearStoredModels, isModelCached, listStoredModels, prefetchModel } from './storedModels.js'
export type { PrefetchOptions } from './storedModels.js'
export type { Engine, LLMConfig, ModelState, ModelWarning, NumericsFallback, ReadyModel } from './types.js'
export type {
  FinishReason,
  GenerateEvent,
  GenerateMetrics,
  GenerateRequest,
  LoadedModel,
  NumericsReport,
  ProbeFigures,
  PromptMessage,
  SamplingOptions,
  ToolCall,
  ToolChoice,
  ToolSpec,
} from '../inference/types.js'
export type { Dtype, LoadProgress, LoadWarning, ModelOptions, ModelRef, StoredModel, StoredModelFile } from '../models/types.js'
export { isLLMError, LLMError } from '../errors/index.js'
export type { LLMErrorCode } from '../errors/index.js'
