import type { LoadProgress } from '../models/index.js'
import { fetchModel, type ArrivedModel } from './fetchModel.js'
import type { OpenedDecoder } from './generate/DecoderRuntime.js'
import { loadOnnxRuntime, type OnnxPlatform } from './loadOnnxRuntime.js'
import type { Runtime } from './Runtime.js'
import { EarlyBinding } from './runtimes/onnx/EarlyBinding.js'
import { openOrtDecoder } from './runtimes/onnx/openOrtDecoder.js'
import { knowsArchitecture } from './runtimes/simd/architectures.js'
import { EarlyCore } from './runtimes/simd/EarlyCore.js'
import { cannotRun, mayFallBack, openSimdDecoder, problemOf } from './runtimes/simd/openSimdDecoder.js'
import type { SimdPlatform } from './runtimes/simd/SimdPlatform.js'
import { WeightMemory } from './runtimes/simd/WeightMemory.js'
import { startDecoder, type Arrival } from './startDecoder.js'
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
  return startDecoder({ arrived, open }, request, platform)
}

/** Finds and downloads a model, and decides whether the core runs it. */
export async function fetchDecoder(
  request: LoadRequest,
  platform: CPUPlatform,
  onProgress: (progress: LoadProgress) => void,
): Promise<Arrival> {
  const { simd } = platform
  const measure = request.probe === true && request.threads === undefined
  const weights = new WeightMemory(simd.threads > 1)
  const early = new EarlyCore(simd)
  const binding = new EarlyBinding(platform.openBinding)
  let isForCore = false
  const arrived = await fetchModel(request, platform, onProgress, {
    place(path, size) {
      const place = weights.place(path, size)
      // Measuring begins with one, and adds to it.
      if (isForCore && weights.memory && !measure) early.startThreads(weights.memory)
      return place
    },
    runsQ4: knowsArchitecture,
    onConfig(config) {
      isForCore = knowsArchitecture(config)
      if (isForCore) early.start()
      else if (request.cpuBackend !== 'simd') binding.start()
    },
  }).catch((error: unknown) => {
    early.dispose()
    throw error
  })
  const opened = openSimdDecoder(simd, arrived.files, weights, { measure, early })
  if (!opened.open) early.dispose()
  if (opened.open) return { arrived, open: () => openWithFallback(opened.open, { arrived, weights, request, binding, early }) }
  if (request.cpuBackend === 'simd') throw cannotRun(opened.reason)
  binding.start()
  const isChosen = request.dtype === 'auto' && arrived.files.dtype === 'q4'
  // ONNX Runtime is slowest with 4-bit weights, so that another file may be worth its download. Looking for one is no progress.
  const report = (progress: LoadProgress) => progress.phase !== 'resolving' && onProgress(progress)
  const better = isChosen ? await fetchModel(request, platform, report, { earlier: arrived }) : arrived
  return onOrt(better.files.graph === arrived.files.graph ? { ...arrived, files: better.files } : better, binding, opened.reason)
}

interface Fallback {
  arrived: ArrivedModel
  weights: WeightMemory
  request: LoadRequest
  binding: EarlyBinding
  early: EarlyCore
}

async function openWithFallback(open: Arrival['open'], { arrived, weights, request, binding, early }: Fallback): Promise<OpenedDecoder> {
  try {
    return await open()
  } catch (error) {
    early.dispose()
    if (request.cpuBackend === 'simd' || !mayFallBack(error)) throw error
    const files = { ...arrived.files, graph: weights.renew(arrived.files.graph) }
    return onOrt({ ...arrived, files }, binding, problemOf(error)).open()
  }
}

function onOrt(arrived: ArrivedModel, binding: EarlyBinding, reason: string): Arrival {
  const because = `: the SIMD core cannot, because ${reason}`
  return { arrived, open: async () => openOrtDecoder(await binding.open(), arrived.files, because) }
}
