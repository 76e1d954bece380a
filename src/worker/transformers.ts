// Worker entry: the `transformers` runtime, on the GPU or the CPU.
import * as transformers from '@huggingface/transformers'
import { expose } from 'comlink'
import { loadTransformersRuntime, observeWasmMemory, usableThreads } from '../inference/index.js'
import { openStorage } from '../models/index.js'
import { createEngineWorker, openWebFiles } from './createEngineWorker.js'
import { GPUWatch } from './GPUWatch.js'
import { grammarLoader } from './grammarLoader.js'

const assets = {
  mjs: new URL('./ort-wasm-simd-threaded.asyncify.mjs', import.meta.url),
  wasm: new URL('./ort-wasm-simd-threaded.asyncify.wasm', import.meta.url),
}

const loadGrammar = grammarLoader(new URL('./grammar.mjs', import.meta.url))

expose(
  createEngineWorker(async (request, onProgress) => {
    const platform = {
      transformers,
      storage: await openStorage(request.storage),
      wasm: { assets, threads: usableThreads(request.threads) },
      loadGrammar,
      memoryBytes: observeWasmMemory(),
    }
    return loadTransformersRuntime(request, platform, onProgress)
  }, openWebFiles, GPUWatch.ofRealm()),
)
