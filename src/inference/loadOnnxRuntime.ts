import type { LoadProgress } from '../models/index.js'
import { fetchModel, type ArrivedModel, type FilePlatform } from './fetchModel.js'
import type { LoadGrammarLibrary } from './constrain/GrammarLibrary.js'
import { DecoderRuntime, type OpenedDecoder } from './generate/DecoderRuntime.js'
import type { Runtime } from './Runtime.js'
import { openOrtDecoder } from './runtimes/onnx/openOrtDecoder.js'
import type { OrtBinding } from './runtimes/onnx/OrtBinding.js'
import { knowsArchitecture } from './runtimes/simd/architectures.js'
import { cannotRun, mayFallBack, openSimdDecoder, problemOf } from './runtimes/simd/openSimdDecoder.js'
import type { SimdPlatform } from './runtimes/simd/SimdPlatform.js'
import { WeightMemory } from './runtimes/simd/WeightMemory.js'
import type { LoadRequest } from './types.js'

/** What runs models in the `onnx` runtime. */
export interface OnnxPlatform extends FilePlatform {
  /** ONNX Runtime, opened when it is needed. */
  openBinding(): Promise<OrtBinding>
  /** Our own core for CPUs. Undefined on GPUs. */
  simd?: SimdPlatform
  /** Undefined: no request can be constrained. */
  loadGrammar?: LoadGrammarLibrary
}

/** Finds, downloads and starts a model: on the SIMD core where it can run it, else on ONNX Runtime. */
export async function loadOnnxRuntime(
  request: LoadRequest,
  platform: OnnxPlatform,
  onProgress: (progress: LoadProgress) => void,
): Promise<Runtime> {
  const { arrived, open } = await fetchDecoder(request, platform, onProgress)
  return DecoderRuntime.load({ ...arrived, open, loadGrammar: platform.loadGrammar, model: request.model })
}

/** A model whose files are there, and what opens it. */
export interface Arrival {
  arrived: ArrivedModel
  open(): Promise<OpenedDecoder>
}

/** Finds and downloads a model, and decides what runs it. */
export async function fetchDecoder(
  request: LoadRequest,
  platform: OnnxPlatform,
  onProgress: (progress: LoadProgress) => void,
): Promise<Arrival> {
  const { simd } = platform
  if (simd === undefined || request.cpuBackend === 'onnxruntime') return onOrt(await fetchModel(request, platform, onProgress), platform)
  const weights = new WeightMemory(simd.threads > 1)
  const arrived = await fetchModel(request, platform, onProgress, {
    place: (path, size) => weights.place(path, size),
    runsQ4: knowsArchitecture,
  })
  const opened = openSimdDecoder(simd, arrived.files, weights)
  if (opened.open) return { arrived, open: () => openWithFallback(opened.open, { arrived, weights, request, platform }) }
  if (request.cpuBackend === 'simd') throw cannotRun(opened.reason)
  const isChosen = request.dtype === 'auto' && arrived.files.dtype === 'q4'
  // ONNX Runtime is slowest with 4-bit weights, so that another file may be worth its download.
  const better = isChosen ? await fetchModel(request, platform, onProgress) : arrived
  return onOrt(better, platform, opened.reason)
}

interface Fallback {
  arrived: ArrivedModel
  weights: WeightMemory
  request: LoadRequest
  platform: OnnxPlatform
}

async function openWithFallback(open: Arrival['open'], { arrived, weights, request, platform }: Fallback): Promise<OpenedDecoder> {
  try {
    return await open()
  } catch (error) {
    if (request.cpuBackend === 'simd' || !mayFallBack(error)) throw error
    const files = { ...arrived.files, graph: weights.renew(arrived.files.graph) }
    return onOrt({ ...arrived, files }, platform, problemOf(error)).open()
  }
}

function onOrt(arrived: ArrivedModel, platform: OnnxPlatform, reason?: string): Arrival {
  const because = reason === undefined ? '' : `: the SIMD core cannot, because ${reason}`
  return { arrived, open: async () => openOrtDecoder(await platform.openBinding(), arrived.files, because) }
}
