import { readFile } from 'node:fs/promises'
import type { OpenedDecoder } from '../../../src/inference/generate/DecoderRuntime.js'
import { openSimdDecoder } from '../../../src/inference/runtimes/simd/openSimdDecoder.js'
import type { SimdPlatform } from '../../../src/inference/runtimes/simd/SimdPlatform.js'
import { WeightMemory } from '../../../src/inference/runtimes/simd/WeightMemory.js'
import type { ModelFiles } from '../../../src/models/index.js'
import { simdThreadSpawner } from '../../../src/worker/simdThread.node.js'

const built = (file: string) => new URL(`../../../dist/worker/${file}`, import.meta.url)

/** What the SIMD core gets in Node, with the built core and the built worker as its threads. */
export function nodePlatform(threads: number): SimdPlatform {
  return { device: 'cpu', threads, readCore: () => readFile(built('core.wasm')), spawn: simdThreadSpawner(built('node.js')) }
}

/** Opens a model on the core, or fails with the reason. */
export async function openOnSimd(files: ModelFiles, threads: number): Promise<OpenedDecoder> {
  const { open, reason } = openSimdDecoder(nodePlatform(threads), files, new WeightMemory(threads > 1))
  if (!open) throw new Error(reason)
  return open()
}
