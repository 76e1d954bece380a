import type { LoadProgress, ModelFiles } from '../models/index.js'
import { fetchModel, type FilePlatform } from './fetchModel.js'
import type { LoadGrammarLibrary } from './constrain/GrammarLibrary.js'
import { DecoderRuntime, type OpenedDecoder } from './generate/DecoderRuntime.js'
import { openPrefixes } from './prefix/openPrefixes.js'
import type { Runtime } from './Runtime.js'
import { openOrtDecoder } from './runtimes/onnx/openOrtDecoder.js'
import type { OrtBinding } from './runtimes/onnx/OrtBinding.js'
import type { LoadRequest } from './types.js'

/** What runs models in the `onnx` runtime. */
export interface OnnxPlatform extends FilePlatform {
  /** ONNX Runtime, opened when it is needed. */
  openBinding(): Promise<OrtBinding>
  /** Opens a graph. Default: as on CPUs. */
  openDecoder?: (binding: OrtBinding, files: ModelFiles) => Promise<OpenedDecoder>
  /** Undefined: no request can be constrained. */
  loadGrammar?: LoadGrammarLibrary
}

/** Finds, downloads and starts a model on ONNX Runtime. On CPUs `loadCPURuntime` has more to choose from. */
export async function loadOnnxRuntime(
  request: LoadRequest,
  platform: OnnxPlatform,
  onProgress: (progress: LoadProgress) => void,
): Promise<Runtime> {
  const arrived = await fetchModel(request, platform, onProgress)
  const openDecoder = platform.openDecoder ?? openOrtDecoder
  const open = async () => openDecoder(await platform.openBinding(), arrived.files)
  const prefixes = openPrefixes(request, platform.storage, arrived.files)
  const { model, probe, numericsCheck, speculation = true } = request
  return DecoderRuntime.load({ ...arrived, open, prefixes, loadGrammar: platform.loadGrammar, model, probe, numericsCheck, decoder: { speculation } })
}
