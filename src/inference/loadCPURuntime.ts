import type { LoadProgress } from '../models/index.js'
import { fetchModel, type ArrivedModel } from './fetchModel.js'
import { DecoderRuntime, type OpenedDecoder } from './generate/DecoderRuntime.js'
import { loadOnnxRuntime, type OnnxPlatform } from './loadOnnxRuntime.js'
import { openPrefixes } from './prefix/openPrefixes.js'
import type { Runtime } from './Runtime.js'
import { openOrtDecoder } from './runtimes/onnx/openOrtDecoder.js'
import { knowsArchitecture } from './runtimes/simd/architectures.js'
import { cannotRun, mayFallBack, openSimdDecoder, problemOf } from './runtimes/simd/openSimdDecoder.js'
import type { SimdPlatform } from './runtimes/simd/SimdPlatform.js'
import { WeightMemory } from './runtimes/simd/WeightMemory.js'
import type { LoadRequest } from './types.js'

/** What runs models in the `onnx` runtime on CPUs. */
export interface CPUPlatform extends OnnxPlatform {
  simd: SimdPlatform
}

/** Finds, downloads and starts a model: on the SIMD core where it can run it, else on ONNX Runtime. */
export async function loadCPURuntime(
  request: LoadRequest,
  platform: CPUPlatform,
  onProgress: (progress: LoadProgress) => void,
): Promise<Runtime> {
  if (request.cpuBackend === 'onnxruntime') return loadOnnxRuntime(request, platform, onProgress)
  const { arrived, open } = await fetchDecoder(request, platform, onProgress)
  const prefixes = openPrefixes(request, platform.storage, arrived.files)
  const { model, probe, numericsCheck, speculation = true } = request
  return DecoderRuntime.load({ ...arrived, open, prefixes, loadGrammar: platform.loadGrammar, model, probe, numericsCheck, decoder: { speculation } })
}

/** A model whose files are there, and what opens it. */
export interface Arrival {
  arrived: ArrivedModel
  open(): Promise<OpenedDecoder>
}

/** Finds and downloads a model, and decides whether the core runs it. */
export async function fetchDecoder(
  request: LoadRequest,
  platform: CPUPlatform,
  onProgress: (progress: LoadProgress) => void,
): Promise<Arrival> {
  const { simd } = platform
  const weights = new WeightMemory(simd.threads > 1)
  const arrived = await fetchModel(request, platform, onProgress, {
    place: (path, size) => weights.place(path, size),
    runsQ4: knowsArchitecture,
  })
  const measure = request.probe === true && request.threads === undefined
  const opened = openSimdDecoder(simd, arrived.files, weights, { measure })
  if (opened.open) return { arrived, open: () => openWithFallback(opened.open, { arrived, weights, request, platform }) }
  if (request.cpuBackend === 'simd') throw cannotRun(opened.reason)
  const isChosen = request.dtype === 'auto' && arrived.files.dtype === 'q4'
  // ONNX Runtime is slowest with 4-bit weights, so that another file may be worth its download. Looking for one is no progress.
  const report = (progress: LoadProgress) => progress.phase !== 'resolving' && onProgress(progress)
  const better = isChosen ? await fetchModel(request, platform, report, { earlier: arrived.files }) : arrived
  return onOrt(better.files.graph === arrived.files.graph ? { ...arrived, files: better.files } : better, platform, opened.reason)
}

interface Fallback {
  arrived: ArrivedModel
  weights: WeightMemory
  request: LoadRequest
  platform: CPUPlatform
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

function onOrt(arrived: ArrivedModel, platform: CPUPlatform, reason: string): Arrival {
  const because = `: the SIMD core cannot, because ${reason}`
  return { arrived, open: async () => openOrtDecoder(await platform.openBinding(), arrived.files, because) }
}
