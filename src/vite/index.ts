// Vite plugin for apps (`react-edge-llm/vite`). Imports nothing of the kit.
export { edgeLLM } from './edgeLLM.js'
export type { EdgeLLMOptions } from './edgeLLM.js'
