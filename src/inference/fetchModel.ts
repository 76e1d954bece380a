import {
  loadModelFiles,
  nothingKept,
  prefetchModelFiles,
  resolveModel,
  type FetchLike,
  type LoadFilesOptions,
  type LoadPhase,
  type LoadProgress,
  type ModelFiles,
  type ModelStorage,
} from '../models/index.js'
import { ChatCodec } from './generate/ChatCodec.js'
import { LoadReports } from './LoadReports.js'
import { knowsArchitecture } from './runtimes/simd/architectures.js'
import type { LoadRequest } from './types.js'

/** Where a platform keeps and finds files. */
export interface FilePlatform {
  storage: ModelStorage
  /** Default: the global `fetch`. */
  fetch?: FetchLike
}

/** A model's files, and how to report the rest of the load. */
export interface ArrivedModel {
  files: ModelFiles
  /** Its tokenizer and template, made while the weights were on their way. */
  codec: ChatCodec
  /** When the load began, in `performance.now()` time. */
  startedAt: number
  onPhase(phase: LoadPhase): void
}

/** Downloads a model's files into storage, the ones that {@link fetchModel} would take. */
export async function prefetchModel(request: LoadRequest, platform: FilePlatform, onProgress: (progress: LoadProgress) => void): Promise<void> {
  const isOnCore = request.runtime === 'onnx' && request.device !== 'webgpu' && request.cpuBackend !== 'onnxruntime'
  const reports = new LoadReports(onProgress)
  await prefetchModelFiles(resolveModel(request.model, request), {
    ...filesOf(request, platform),
    ...(isOnCore && { runsQ4: knowsArchitecture }),
    ...reports,
  })
}

/** How a model is fetched, beside what its request says. */
export interface FetchOptions extends Pick<LoadFilesOptions, 'place' | 'runsQ4' | 'onConfig'> {
  /** What came before for the same model: only files that are not among these are fetched. */
  earlier?: ArrivedModel
}

/**
 * Finds a model's files, and downloads them where they are not stored.
 * @throws LLMError what finding and fetching can give; what a {@link ChatCodec} throws, before the weights are there.
 */
export async function fetchModel(
  request: LoadRequest,
  platform: FilePlatform,
  onProgress: (progress: LoadProgress) => void,
  { earlier, ...options }: FetchOptions = {},
): Promise<ArrivedModel> {
  const startedAt = performance.now()
  let latest: LoadProgress | undefined
  const source = resolveModel(request.model, request)
  const reports = new LoadReports((progress) => {
    latest = progress
    onProgress(progress)
  })
  if (source.kind === 'hub' && platform.storage.name === 'none' && request.storage !== 'none') reports.onWarning(nothingKept(source))
  let codec = earlier?.codec
  const files = await loadModelFiles(source, {
    ...options,
    earlier: earlier?.files,
    ...filesOf(request, platform),
    ...reports,
    onSetup: (setup) => (codec ??= new ChatCodec(setup, request.model)),
  })
  return {
    files,
    codec: codec ?? new ChatCodec(files, request.model),
    startedAt,
    onPhase(phase) {
      if (latest) onProgress({ ...latest, phase, bytesPerSecond: 0, etaSeconds: undefined, file: files.graph.path })
    },
  }
}

function filesOf(request: LoadRequest, { storage, fetch }: FilePlatform): LoadFilesOptions {
  const { device, adapterFeatures, dtype, refused, mayEvict = false } = request
  return { device, adapterFeatures, dtype, refused, mayEvict, storage, fetch }
}
