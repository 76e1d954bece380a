import type * as ORT from 'onnxruntime-web'
import { unshared } from '../../../models/index.js'
import type { OrtBinding } from './OrtBinding.js'

/**
 * ONNX Runtime's native build in Node.
 * @param ort the namespace of `onnxruntime-node`, whose interface is the web build's.
 * @param threads CPU threads. Undefined: ONNX Runtime takes one per core.
 */
export function createNodeBinding(ort: Pick<typeof ORT, 'InferenceSession' | 'Tensor'>, threads: number | undefined): OrtBinding {
  return {
    name: 'onnxruntime-node',
    device: 'cpu',
    threads,
    Tensor: ort.Tensor,
    memoryBytes: () => process.memoryUsage().rss,
    // The native build refuses views of shared memory, where weights may have arrived for the SIMD core.
    createSession: ({ graph }) =>
      ort.InferenceSession.create(unshared(graph.bytes), {
        executionProviders: ['cpu'],
        externalData: graph.externalData.map(({ path, bytes }) => ({ path, data: unshared(bytes) })),
        logSeverityLevel: 3,
        ...(threads !== undefined && { intraOpNumThreads: threads }),
      }),
    gpuDevice: () => Promise.resolve(undefined),
  }
}
