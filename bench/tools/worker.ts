// The product's worker, put together from the same parts, with graph runs counted and its name saying how it decodes.
import { expose } from 'comlink'
import type * as ORT from 'onnxruntime-web'
import { fetchModel } from '../../src/inference/fetchModel.js'
import { OnnxRuntime } from '../../src/inference/runtimes/onnx/OnnxRuntime.js'
import type { OrtBinding } from '../../src/inference/runtimes/onnx/OrtBinding.js'
import { createWebBinding } from '../../src/inference/runtimes/onnx/webBinding.js'
import { openStorage, type ModelFiles } from '../../src/models/index.js'
import { createEngineWorker } from '../../src/worker/createEngineWorker.js'
import { grammarLoader } from '../../src/worker/grammarLoader.js'
import { GrammarCost } from './GrammarCost.js'
import type { BenchWorker, GraphRun, Side } from './types.js'

const { jumpForward } = JSON.parse(self.name) as Side
const loadGrammar = grammarLoader(new URL('/worker/grammar.mjs', location.origin))
let runs: GraphRun[] = []
let loaded: { files: ModelFiles; cost?: GrammarCost } | undefined

const engine = createEngineWorker(async (request, onProgress) => {
  const isGPU = request.device === 'webgpu'
  const ort = (isGPU ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm')) as typeof ORT
  const build = isGPU ? 'ort-wasm-simd-threaded.asyncify' : 'ort-wasm-simd-threaded'
  const assets = { mjs: new URL(`/worker/${build}.mjs`, location.origin), wasm: new URL(`/worker/${build}.wasm`, location.origin) }
  const binding = createWebBinding({ ort, assets, provider: isGPU ? 'webgpu' : 'wasm', threads: request.threads })
  const arrived = await fetchModel(request, { storage: await openStorage('none') }, onProgress)
  loaded = { files: arrived.files }
  return OnnxRuntime.load({ ...arrived, binding: counting(binding), loadGrammar, model: request.model, decoder: { jumpForward } })
})

function counting(binding: OrtBinding): OrtBinding {
  return {
    ...binding,
    async createSession(request) {
      const session = await binding.createSession(request)
      const run = session.run.bind(session) as (feeds: ORT.InferenceSession.FeedsType) => Promise<ORT.InferenceSession.ReturnType>
      session.run = async (feeds: ORT.InferenceSession.FeedsType) => {
        const started = performance.now()
        const outputs = await run(feeds)
        runs.push({ tokens: feeds.input_ids!.size, ms: performance.now() - started })
        return outputs
      }
      return session
    },
  }
}

function grammarCost(): GrammarCost {
  if (loaded === undefined) throw new Error('no model is loaded')
  return (loaded.cost ??= new GrammarCost(loaded.files, loadGrammar))
}

const worker: BenchWorker = {
  ...engine,
  takeRuns() {
    const taken = runs
    runs = []
    return taken
  },
  grammarSteps: (request, tokenIds) => grammarCost().steps(request, tokenIds),
  compileTimes: (sets) => grammarCost().compileTimes(sets),
}

expose(worker)
