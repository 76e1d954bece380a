// Worker entry: the `onnx` runtime on the CPU. The SIMD core's threads run this file, too.
import { expose } from 'comlink'
import * as ort from 'onnxruntime-web/wasm'
import { createWebBinding, loadCPURuntime, usableThreads, type SimdPlatform } from '../inference/index.js'
import { openStorage } from '../models/index.js'
import { createEngineWorker } from './createEngineWorker.js'
import { fetchAsset } from './fetchAsset.js'
import { grammarLoader } from './grammarLoader.js'
import { isSimdThread, serveSimdThread, simdThreadSpawner } from './simdThread.js'

const assets = {
  mjs: new URL('./ort-wasm-simd-threaded.mjs', import.meta.url),
  wasm: new URL('./ort-wasm-simd-threaded.wasm', import.meta.url),
}

const core = new URL('./core.wasm', import.meta.url)

const loadGrammar = grammarLoader(new URL('./grammar.mjs', import.meta.url))

if (isSimdThread()) serveSimdThread()
else {
  expose(
    createEngineWorker(async (request, onProgress) => {
      const openBinding = () => Promise.resolve(createWebBinding({ ort, assets, provider: 'wasm', threads: request.threads }))
      const simd: SimdPlatform = {
        device: 'wasm',
        threads: usableThreads(request.threads),
        readCore: () => fetchAsset(core),
        spawn: simdThreadSpawner(self),
      }
      return loadCPURuntime(request, { openBinding, simd, loadGrammar, storage: await openStorage(request.storage) }, onProgress)
    }),
  )
}
