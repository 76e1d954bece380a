import { PrefixStore, resolveModel, type ModelFiles, type ModelStorage } from '../../models/index.js'
import type { LoadRequest } from '../types.js'
import { ENGINE_VERSION } from './engineVersion.js'
import { modelFingerprint } from './modelFingerprint.js'

/** What is kept of earlier prompts, and where; `newest` is what the last visit left, read while the model is opened, where it can be of use: not on GPUs. */
export interface PrefixOptions {
  /** Undefined: nothing is reused. */
  memoryBytes: number | undefined
  /** Undefined: nothing is stored. */
  stored: { store: PrefixStore; identity: string; newest: ReturnType<PrefixStore['newest']> | undefined } | undefined
}

const MEGABYTE = 2 ** 20

/** What a request's `prefixCache` comes to on this device. To be called while the model's files are as they arrived. */
export function openPrefixes(request: LoadRequest, storage: ModelStorage, files: ModelFiles): PrefixOptions {
  const { prefixCache = {} } = request
  if (prefixCache === false) return { memoryBytes: undefined, stored: undefined }
  const memoryBytes = (prefixCache.memoryMB ?? defaultMemoryMB()) * MEGABYTE
  const store = new PrefixStore(storage, resolveModel(request.model, request))
  const isStored = prefixCache.persist !== false && memoryBytes > 0 && request.storage !== 'none' && store.isKept && hasDigests()
  const identity = () => `react-edge-llm ${ENGINE_VERSION}, ${files.graphPath} ${files.dtype ?? ''}, ${modelFingerprint(files)}`
  return { memoryBytes, stored: isStored ? { store, identity: identity(), newest: request.device === 'webgpu' ? undefined : store.newest() } : undefined }
}

/** Browsers tell their device's memory in gigabytes, if at all, and no more than 8. */
function defaultMemoryMB(): number {
  const { deviceMemory } = (globalThis as { navigator?: { deviceMemory?: number } }).navigator ?? {}
  return deviceMemory === undefined ? 128 : Math.min(256, Math.max(64, 32 * deviceMemory))
}

/** Pages that are not served securely have none; neither have they a place to store anything. */
function hasDigests(): boolean {
  return (globalThis as { crypto?: { subtle?: unknown } }).crypto?.subtle !== undefined
}
