import type { ModelFiles } from '../../../models/index.js'
import type { OpenedDecoder } from '../../generate/DecoderRuntime.js'
import { expandProducts } from '../../graph/expandProducts.js'
import type { OrtBinding } from './OrtBinding.js'
import { openOrtSession } from './openOrtSession.js'

/**
 * Opens a model's graph on ONNX Runtime on CPUs.
 * @param because why nothing else runs it, as the end of a sentence.
 * @throws LLMError what reading the graph can give.
 */
export async function openOrtDecoder(binding: OrtBinding, files: ModelFiles, because = ''): Promise<OpenedDecoder> {
  // Node's ONNX Runtime has kernels for quantized products.
  const expanded = binding.device === 'wasm' ? expandProducts(files.graph) : undefined
  if (!expanded) return openOrtSession(binding, files, because)
  const how = `${because}, with its weights of 4 or 8 bits expanded to floats`
  return openOrtSession(binding, { ...files, graph: { ...files.graph, ...expanded } }, how)
}
