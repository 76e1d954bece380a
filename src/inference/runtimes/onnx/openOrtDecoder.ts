import type { ModelFiles } from '../../../models/index.js'
import type { OpenedDecoder } from '../../generate/DecoderRuntime.js'
import { expandProducts } from '../../graph/expandProducts.js'
import { externalizeWeights } from '../../graph/externalizeWeights.js'
import { drained, DrainedFile } from './DrainedFile.js'
import type { OrtBinding } from './OrtBinding.js'
import { openOrtSession } from './openOrtSession.js'
import { SpentWeights } from './SpentWeights.js'

/**
 * Opens a model's graph on ONNX Runtime on CPUs. Weights in drainable memory are gone after that.
 * @param because why nothing else runs it, as the end of a sentence.
 * @throws LLMError what reading the graph can give.
 * @throws SpentWeights
 */
export async function openOrtDecoder(binding: OrtBinding, files: ModelFiles, because = ''): Promise<OpenedDecoder> {
  // Node's ONNX Runtime has kernels for quantized products.
  if (binding.device !== 'wasm') return openOrtSession(binding, files, because)
  const expanded = expandProducts(files.graph)
  if (expanded) {
    const how = `${because}, with its weights of 4 or 8 bits expanded to floats`
    return openOrtSession(binding, { ...files, graph: { ...files.graph, ...expanded } }, how)
  }
  const external = externalizeWeights(files.graph)
  if (!external) return openOrtSession(binding, files, because)
  const model = drained(external)
  try {
    return await openOrtSession(binding, { ...files, graph: { ...files.graph, ...model } }, because)
  } catch (cause) {
    const isSpent = model.externalData.some(({ bytes }) => bytes instanceof DrainedFile && bytes.wasMissed)
    throw isSpent ? new SpentWeights(cause) : cause
  }
}
