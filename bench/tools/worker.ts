// The product's worker, put together from the same parts, with forward passes counted and its name saying how it decodes.
import { expose } from 'comlink'
import type * as ORT from 'onnxruntime-web'
import type { AbortProbe } from '../../src/inference/generate/AbortProbe.js'
import type { DecoderBackend } from '../../src/inference/generate/DecoderBackend.js'
import { DecoderRuntime } from '../../src/inference/generate/DecoderRuntime.js'
import { fetchModel } from '../../src/inference/fetchModel.js'
import { createWebBinding, usableThreads } from '../../src/inference/index.js'
import { fetchDecoder } from '../../src/inference/loadCPURuntime.js'
import { openGPUDecoder } from '../../src/inference/runtimes/onnx/openGPUDecoder.js'
import type { LoadRequest } from '../../src/inference/types.js'
import { openStorage, type LoadProgress, type ModelFiles } from '../../src/models/index.js'
import type { Arrival } from '../../src/inference/startDecoder.js'
import { createEngineWorker } from '../../src/worker/createEngineWorker.js'
import { fetchAsset } from '../../src/worker/fetchAsset.js'
import { grammarLoader } from '../../src/worker/grammarLoader.js'
import { isSimdThread, serveSimdThread, simdThreadSpawner } from '../../src/worker/simdThread.js'
import { GrammarCost } from './GrammarCost.js'
import type { BenchWorker, GraphRun, Side } from './types.js'

const loadGrammar = grammarLoader(new URL('/worker/grammar.mjs', location.origin))
let runs: GraphRun[] = []
let loaded: { files: ModelFiles; cost?: GrammarCost } | undefined

async function find(request: LoadRequest, onProgress: (progress: LoadProgress) => void): Promise<Arrival> {
  const isGPU = request.device === 'webgpu'
  const ort = (isGPU ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm')) as typeof ORT
  const build = isGPU ? 'ort-wasm-simd-threaded.asyncify' : 'ort-wasm-simd-threaded'
  const assets = { mjs: new URL(`/worker/${build}.mjs`, location.origin), wasm: new URL(`/worker/${build}.wasm`, location.origin) }
  const storage = await openStorage('none')
  const openBinding = () => Promise.resolve(createWebBinding({ ort, assets, provider: isGPU ? 'webgpu' : 'wasm', threads: request.threads }))
  if (isGPU) {
    const arrived = await fetchModel(request, { storage }, onProgress)
    return { arrived, open: async () => openGPUDecoder(await openBinding(), arrived.files) }
  }
  const readCore = () => fetchAsset(new URL('/worker/core.wasm', location.origin))
  const simd = { device: 'wasm' as const, threads: usableThreads(request.threads), readCore, spawn: simdThreadSpawner(self) }
  return fetchDecoder(request, { storage, openBinding, simd }, onProgress)
}

function counting(backend: DecoderBackend): DecoderBackend {
  const count = async <T>(tokens: readonly number[], run: () => Promise<T>): Promise<T> => {
    const started = performance.now()
    const logits = await run()
    runs.push({ tokens: tokens.length, ms: performance.now() - started })
    return logits
  }
  const feed = backend.feed.bind(backend) as DecoderBackend['feed']
  const counted = (tokens: readonly number[], probe?: AbortProbe) => count(tokens, () => (probe === undefined ? feed(tokens) : feed(tokens, probe)))
  backend.feed = counted as DecoderBackend['feed']
  const feedAll = backend.feedAll?.bind(backend)
  if (feedAll) backend.feedAll = (tokens, rows) => count(tokens, () => feedAll(tokens, rows))
  return backend
}

function grammarCost(): GrammarCost {
  if (loaded === undefined) throw new Error('no model is loaded')
  return (loaded.cost ??= new GrammarCost(loaded.files, loadGrammar))
}

function createWorker(): BenchWorker {
  const { jumpForward, speculation } = JSON.parse(self.name) as Side
  const engine = createEngineWorker(async (request, onProgress) => {
    const { arrived, open } = await find(request, onProgress)
    loaded = { files: arrived.files }
    const openCounted = async () => {
      const opened = await open()
      return { ...opened, backend: counting(opened.backend) }
    }
    return DecoderRuntime.load({ ...arrived, open: openCounted, loadGrammar, model: request.model, decoder: { jumpForward, speculation } })
  })
  return {
    ...engine,
    takeRuns() {
      const taken = runs
      runs = []
      return taken
    },
    grammarSteps: (request, tokenIds) => grammarCost().steps(request, tokenIds),
    compileTimes: (sets) => grammarCost().compileTimes(sets),
  }
}

if (isSimdThread()) serveSimdThread()
else expose(createWorker())
