// Provider and hooks. Subscribes and forwards: what a conversation or an engine does lives in chat/ and engine/.
export { LLMProvider } from './LLMProvider.js'
export type { LLMProviderProps } from './LLMProvider.js'
export { useLLM } from './useLLM.js'
export type { LLMFunctions, UseLLMResult } from './useLLM.js'
export type { LLMModelState, LLMState } from './llmState.js'
export { useFunctionCalling } from './useFunctionCalling.js'
export type {
  FunctionCallingFunctions,
  FunctionCallingOptions,
  FunctionCallingState,
  UseFunctionCallingResult,
} from './useFunctionCalling.js'
export { tool } from './tool.js'
export type { MakeTool } from './tool.js'
export { useTool } from './useTool.js'
export { useModelStorage } from './useModelStorage.js'
export type { ModelStorageFunctions, UseModelStorageResult } from './useModelStorage.js'
export type { ModelStorageState } from './StoredModels.js'
