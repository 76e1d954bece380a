import type { ExternalDataFile, ModelFiles } from '../../models/index.js'
import { fuseGatedMLP } from './fuseGatedMLP.js'
import { GraphDraft } from './GraphDraft.js'
import { packProjections } from './packProjections.js'
import { widenHalves } from './QuantizedProduct.js'
import { resideOnGPU } from './resideOnGPU.js'
import { writeModel } from './writeModel.js'

/** Which changes are made. All are on; switched off to measure them. */
export interface GPUChanges {
  fuseMLP?: boolean
  packProjections?: boolean
  reside?: boolean
}

/** A decoder's graph, made for ONNX Runtime's WebGPU provider. */
export interface GPUGraph {
  bytes: Uint8Array
  externalData: ExternalDataFile[]
  /** Whether every run is dispatches over buffers that stay; see {@link resideOnGPU}. */
  isResident: boolean
  fusedMLPs: number
  packedProjections: number
}

/**
 * Fuses what the WebGPU provider has operators for, and takes the weights out of the graph, so that
 * ONNX Runtime copies them to the GPU one by one instead of keeping them in WebAssembly memory.
 * Parts that match no pattern stay as they are.
 * @returns undefined for models that cannot be written again; then they run as they are.
 */
export function optimizeForGPU(graph: ModelFiles['graph'], changes: GPUChanges = {}): GPUGraph | undefined {
  try {
    const resident = changes.reside !== false ? rewrite(graph, changes, true) : undefined
    return resident ?? rewrite(graph, changes, false)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function rewrite(graph: ModelFiles['graph'], changes: GPUChanges, reside: boolean): GPUGraph | undefined {
  const draft = new GraphDraft(graph)
  widenHalves(draft)
  const packedProjections = changes.packProjections !== false ? packProjections(draft) : 0
  const fusedMLPs = changes.fuseMLP !== false ? fuseGatedMLP(draft) : 0
  if (reside && !resideOnGPU(draft)) return undefined
  draft.dropUnused()
  return { ...writeModel(draft, graph.externalData), isResident: reside, fusedMLPs, packedProjections }
}
