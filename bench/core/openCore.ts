import { fetchModel } from '../../src/inference/fetchModel.js'
import { usableThreads } from '../../src/inference/runtimes/onnx/webBinding.js'
import { planModel } from '../../src/inference/runtimes/simd/planModel.js'
import { WeightMemory } from '../../src/inference/runtimes/simd/WeightMemory.js'
import type { LoadRequest } from '../../src/inference/types.js'
import { openStorage } from '../../src/models/index.js'
import { CoreModule, SimdDecoder, ThreadPool } from '../../src/simd/index.js'
import { fetchAsset } from '../../src/worker/fetchAsset.js'
import { simdThreadSpawner } from '../../src/worker/simdThread.js'
import type { PassSetup } from './types.js'

/** Opens a model's 4-bit file as the product does, but gives the decoder itself. */
export async function openCore({ model, threads: wanted }: PassSetup): Promise<SimdDecoder> {
  const threads = usableThreads(wanted)
  const weights = new WeightMemory(threads > 1)
  const request: LoadRequest = {
    runtime: 'onnx',
    model: { id: `/models/${model}` },
    device: 'wasm',
    adapterFeatures: [],
    dtype: 'q4',
    storage: 'none',
    hubURL: location.origin,
    hubToken: undefined,
    threads,
    cpuBackend: 'simd',
    baseURL: location.origin,
  }
  const platform = { storage: await openStorage('none') }
  const { files } = await fetchModel(request, platform, () => undefined, { place: (path, size) => weights.place(path, size) })
  const { plan, reason } = planModel(files.config, files.graph)
  if (plan === undefined) throw new Error(`The SIMD core cannot run ${model}, because ${reason}`)
  const { memory, addresses } = weights.take(files.graph)
  const core = await CoreModule.compile(await fetchAsset(new URL('/worker/core.wasm', location.origin)), memory.shared)
  const decoder = await SimdDecoder.create({ core, memory, plan, files: addresses, maxThreads: threads })
  if (threads > 1) decoder.useSteps(await ThreadPool.start(core, memory, threads, simdThreadSpawner(self)))
  return decoder
}
