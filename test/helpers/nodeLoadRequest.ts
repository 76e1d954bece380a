import type { LoadRequest } from '../../src/inference/types.js'

/** What a load in Node asks for: a folder's model on a CPU, on one thread, with nothing stored. */
export function nodeLoadRequest(folder: string, changes: Partial<LoadRequest> = {}): LoadRequest {
  return {
    runtime: 'onnx',
    model: { id: folder },
    device: 'cpu',
    adapterFeatures: [],
    dtype: 'auto',
    storage: 'none',
    hubURL: 'https://huggingface.co',
    hubToken: undefined,
    threads: 1,
    cpuBackend: 'auto',
    baseURL: 'file:///',
    ...changes,
  }
}
