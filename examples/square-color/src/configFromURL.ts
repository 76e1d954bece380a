import type { LLMConfig } from 'react-edge-llm'

const defaultModel = '/models/smollm2-135m-instruct'

/** `?model=/models/x&device=wasm&runtime=transformers`: the same page with another model, device or runtime. */
export function configFromURL(query: URLSearchParams): LLMConfig {
  const model = query.get('model') ?? defaultModel
  const runtime = (query.get('runtime') ?? 'onnx') as 'onnx' | 'transformers'
  const device = (query.get('device') ?? 'auto') as LLMConfig['device']
  return { preferredRuntime: runtime, models: { [runtime]: model }, device }
}
