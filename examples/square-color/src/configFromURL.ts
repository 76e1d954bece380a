import type { LLMConfig } from 'react-edge-llm'

/**
 * Without a query the config is empty: the embedded model, on the best device.
 * `?model=/models/x&device=wasm&runtime=transformers`: the same page with another model, device or runtime.
 */
export function configFromURL(query: URLSearchParams): LLMConfig {
  const model = query.get('model')
  const runtime = (query.get('runtime') ?? 'onnx') as 'onnx' | 'transformers'
  const device = (query.get('device') ?? 'auto') as LLMConfig['device']
  return { preferredRuntime: runtime, device, ...(model && { models: { [runtime]: model } }) }
}
