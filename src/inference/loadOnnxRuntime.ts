import type { LoadProgress } from '../models/index.js'
import { fetchModel, type FilePlatform } from './fetchModel.js'
import type { LoadGrammarLibrary } from './constrain/GrammarLibrary.js'
import type { Runtime } from './Runtime.js'
import { OnnxRuntime } from './runtimes/onnx/OnnxRuntime.js'
import type { OrtBinding } from './runtimes/onnx/OrtBinding.js'
import type { LoadRequest } from './types.js'

/** Finds, downloads and starts a model on ONNX Runtime. */
export async function loadOnnxRuntime(
  request: LoadRequest,
  platform: FilePlatform & { binding: OrtBinding; loadGrammar?: LoadGrammarLibrary },
  onProgress: (progress: LoadProgress) => void,
): Promise<Runtime> {
  const arrived = await fetchModel(request, platform, onProgress)
  return OnnxRuntime.load({ ...arrived, binding: platform.binding, loadGrammar: platform.loadGrammar, model: request.model })
}
