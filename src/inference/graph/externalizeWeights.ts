import type { ModelFiles } from '../../models/index.js'
import { GraphDraft } from './GraphDraft.js'
import { writeModel, type WrittenModel } from './writeModel.js'

/**
 * The same graph without weights, which are external data in the file that was read. ONNX Runtime copies a graph twice
 * into memory that it never gives back, before it copies what it needs out of it; external data it takes tensor by tensor.
 * @returns undefined for models that cannot be written again; then they run as they are.
 */
export function externalizeWeights(graph: ModelFiles['graph']): WrittenModel | undefined {
  try {
    return writeModel(new GraphDraft(graph), graph.externalData)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
