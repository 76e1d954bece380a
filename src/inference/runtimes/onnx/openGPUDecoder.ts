import type { ModelFiles } from '../../../models/index.js'
import type { OpenedDecoder } from '../../generate/DecoderRuntime.js'
import { optimizeForGPU } from '../../graph/optimizeForGPU.js'
import { openResidentDecoder } from './openResidentDecoder.js'
import type { OrtBinding } from './OrtBinding.js'
import { gpuPrefillChunk, openOrtSession, presentOutputs } from './openOrtSession.js'

/** Storage buffers that the fused MLP's kernel binds. WebGPU guarantees eight, so not every device has them. */
const buffersOfMLP = 9

/**
 * Opens a model's graph on ONNX Runtime's WebGPU provider: fused for it, and recorded where that is
 * possible and gives the same logits.
 * @throws LLMError what reading the graph can give.
 */
export async function openGPUDecoder(binding: OrtBinding, files: ModelFiles): Promise<OpenedDecoder> {
  const fuseMLP = ((await binding.storageBuffers?.()) ?? 0) >= buffersOfMLP
  const optimized = optimizeForGPU(files.graph, { fuseMLP })
  const { backend, problem } = optimized?.isResident ? await openResidentDecoder(binding, files, optimized, presentOutputs(files)) : {}
  if (backend) {
    return {
      backend,
      device: binding.device,
      name: binding.name,
      reason: 'ONNX Runtime runs the graph on the GPU, recorded',
      threads: binding.threads,
      prefillChunk: gpuPrefillChunk,
      async warmUp() {
        // The check has compiled what one token and long prompts need; verified drafts are in between.
        await backend.feed(new Array<number>(8).fill(0))
        await backend.truncate(0)
      },
    }
  }
  const fused = optimized?.isResident ? optimizeForGPU(files.graph, { fuseMLP, reside: false }) : optimized
  const why = problem === undefined ? '' : `, not recorded because ${problem}`
  return openOrtSession(binding, fused ? { ...files, graph: { ...files.graph, ...fused } } : files, why)
}
