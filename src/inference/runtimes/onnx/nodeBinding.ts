import type * as ORT from 'onnxruntime-web'
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
    createSession: ({ graph }) =>
      ort.InferenceSession.create(graph.bytes, {
        executionProviders: ['cpu'],
        externalData: graph.externalData.map(({ path, bytes }) => ({ path, data: bytes })),
        logSeverityLevel: 3,
        ...(threads !== undefined && { intraOpNumThreads: threads }),
      }),
    gpuDevice: () => Promise.resolve(undefined),
  }
}
