// Worker entry: the `onnx` runtime on the GPU.
import { expose } from 'comlink'
import * as ort from 'onnxruntime-web/webgpu'
import { createWebBinding, loadOnnxRuntime, openGPUDecoder } from '../inference/index.js'
import { openStorage } from '../models/index.js'
import { createEngineWorker, openWebFiles } from './createEngineWorker.js'
import { GPUWatch } from './GPUWatch.js'
import { grammarLoader } from './grammarLoader.js'

// Two builds of the same: where WebAssembly can wait for promises itself (JSPI), the smaller and faster one.
const assets =
  'Suspending' in WebAssembly
    ? {
        mjs: new URL('./ort-wasm-simd-threaded.jspi.mjs', import.meta.url),
        wasm: new URL('./ort-wasm-simd-threaded.jspi.wasm', import.meta.url),
      }
    : {
        mjs: new URL('./ort-wasm-simd-threaded.asyncify.mjs', import.meta.url),
        wasm: new URL('./ort-wasm-simd-threaded.asyncify.wasm', import.meta.url),
      }

const loadGrammar = grammarLoader(new URL('./grammar.mjs', import.meta.url))

expose(
  createEngineWorker(async (request, onProgress) => {
    const openBinding = () => Promise.resolve(createWebBinding({ ort, assets, provider: 'webgpu', threads: request.threads }))
    const storage = await openStorage(request.storage)
    return loadOnnxRuntime(request, { openBinding, openDecoder: openGPUDecoder, loadGrammar, storage }, onProgress)
  }, openWebFiles, GPUWatch.ofRealm()),
)
