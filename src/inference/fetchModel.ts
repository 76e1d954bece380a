import {
  loadModelFiles,
  resolveModel,
  type FetchLike,
  type LoadFilesOptions,
  type LoadPhase,
  type LoadProgress,
  type ModelFiles,
  type ModelStorage,
} from '../models/index.js'
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
  /** When the load began, in `performance.now()` time. */
  startedAt: number
  onPhase(phase: LoadPhase): void
}

/** Finds a model's files, and downloads them where they are not stored. */
export async function fetchModel(
  request: LoadRequest,
  platform: FilePlatform,
  onProgress: (progress: LoadProgress) => void,
  options: Pick<LoadFilesOptions, 'place' | 'runsQ4' | 'earlier'> = {},
): Promise<ArrivedModel> {
  const startedAt = performance.now()
  let latest: LoadProgress | undefined
  const files = await loadModelFiles(resolveModel(request.model, request), {
    ...options,
    device: request.device,
    adapterFeatures: request.adapterFeatures,
    dtype: request.dtype,
    storage: platform.storage,
    fetch: platform.fetch,
    onProgress(progress) {
      latest = progress
      onProgress(progress)
    },
  })
  return {
    files,
    startedAt,
    onPhase(phase) {
      if (latest) onProgress({ ...latest, phase, bytesPerSecond: 0, etaSeconds: undefined, file: files.graph.path })
    },
  }
}
