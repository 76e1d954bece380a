import type { LLMConfig } from 'react-edge-llm'

/** The model that all demos run: where a config without `models` looks for one. */
const demoModel = '/models/function-caller'

/** The general model that function-caller was tuned from. It was never trained to call functions. */
const untunedModel = '/models/smollm2-135m-instruct'

/** Two layers of the same network with the real tokenizer: writes nonsense, loads at once. For tests of mechanics. */
export const tinyModel = '/models/smollm2-tiny'

export interface ModelArgs {
  /** A folder that is served beside the app, or a Hub id. */
  model: string
  /** `auto` takes WebGPU where a real GPU gives it, else the CPU. */
  device: 'auto' | 'webgpu' | 'wasm'
}

export const modelArgs: ModelArgs = { model: demoModel, device: 'auto' }

export const modelArgTypes = {
  model: { control: 'select', options: [demoModel, untunedModel, tinyModel], table: { category: 'Model' } },
  device: { control: 'inline-radio', options: ['auto', 'webgpu', 'wasm'], table: { category: 'Model' } },
} as const

export function toConfig({ model, device }: ModelArgs): LLMConfig {
  return model === demoModel ? { device } : { models: { onnx: model }, device }
}
