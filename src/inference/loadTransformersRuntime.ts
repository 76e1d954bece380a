import type { LoadProgress } from '../models/index.js'
import { fetchModel, type FilePlatform } from './fetchModel.js'
import type { LoadGrammarLibrary } from './constrain/GrammarLibrary.js'
import type { Runtime } from './Runtime.js'
import { TransformersRuntime } from './runtimes/transformers/TransformersRuntime.js'
import type { TransformersNamespace, TransformersWasm } from './runtimes/transformers/transformersModel.js'
import type { LoadRequest } from './types.js'

/** What a platform adds to run Transformers.js. */
export interface TransformersPlatform extends FilePlatform {
  transformers: TransformersNamespace
  /** Undefined in Node. */
  wasm?: TransformersWasm
  memoryBytes(): number | undefined
  loadGrammar: LoadGrammarLibrary
}

/** Finds, downloads and starts a model in Transformers.js. */
export async function loadTransformersRuntime(
  request: LoadRequest,
  platform: TransformersPlatform,
  onProgress: (progress: LoadProgress) => void,
): Promise<Runtime> {
  const { transformers, wasm, memoryBytes, loadGrammar } = platform
  const arrived = await fetchModel(request, platform, onProgress)
  return TransformersRuntime.load({
    ...arrived,
    transformers,
    model: request.model,
    device: request.device,
    wasm,
    memoryBytes,
    loadGrammar,
  })
}
