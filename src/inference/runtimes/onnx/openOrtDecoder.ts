import type { ModelFiles } from '../../../models/index.js'
import type { OpenedDecoder } from '../../generate/DecoderRuntime.js'
import { expandProducts } from '../../graph/expandProducts.js'
import { externalizeWeights } from '../../graph/externalizeWeights.js'
import type { OrtBinding } from './OrtBinding.js'
import { openOrtSession } from './openOrtSession.js'

/**
 * Opens a model's graph on ONNX Runtime on CPUs.
 * @param because why nothing else runs it, as the end of a sentence.
 * @throws LLMError what reading the graph can give.
 */
export async function openOrtDecoder(binding: OrtBinding, files: ModelFiles, because = ''): Promise<OpenedDecoder> {
  // Node's ONNX Runtime has kernels for quantized products.
  if (binding.device !== 'wasm') return openOrtSession(binding, files, because)
  const expanded = expandProducts(files.graph)
  if (!expanded) return openOrtSession(binding, { ...files, graph: { ...files.graph, ...externalizeWeights(files.graph) } }, because)
  const how = `${because}, with its weights of 4 or 8 bits expanded to floats`
  return openOrtSession(binding, { ...files, graph: { ...files.graph, ...expanded } }, how)
}
