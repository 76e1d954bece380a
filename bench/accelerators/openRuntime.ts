import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { DecoderOptions } from '../../src/inference/generate/Decoder.js'
import { ChatCodec } from '../../src/inference/generate/ChatCodec.js'
import { DecoderRuntime } from '../../src/inference/generate/DecoderRuntime.js'
import { openSimdDecoder } from '../../src/inference/runtimes/simd/openSimdDecoder.js'
import { WeightMemory } from '../../src/inference/runtimes/simd/WeightMemory.js'
import { loadModelFiles, resolveModel } from '../../src/models/index.js'
import { nodeFetch } from '../../src/models/node.js'
import { grammarLoader } from '../../src/worker/grammarLoader.js'

/** Opens a model of this repository on the SIMD core in this thread, with the built core and grammar. */
export async function openRuntime(root: string, model: string, decoder: DecoderOptions): Promise<DecoderRuntime> {
  const source = resolveModel(path.join(root, 'models', model), { baseURL: 'file:///' })
  const weights = new WeightMemory(false)
  const files = await loadModelFiles(source, {
    device: 'cpu',
    adapterFeatures: [],
    dtype: 'q4',
    fetch: nodeFetch,
    place: (file, size) => weights.place(file, size),
  })
  const built = (file: string) => path.join(root, 'dist/worker', file)
  const readCore = () => readFile(built('core.wasm'))
  const spawn = () => Promise.reject(new Error('one thread is enough'))
  const { open, reason } = openSimdDecoder({ device: 'cpu', threads: 1, readCore, spawn }, files, weights)
  if (open === undefined) throw new Error(`The SIMD core cannot run ${model}, because ${reason}`)
  const loadGrammar = grammarLoader(pathToFileURL(built('grammar.mjs')))
  return DecoderRuntime.load({ open, model: source.options, files, codec: new ChatCodec(files, source.options), startedAt: 0, decoder, loadGrammar })
}
