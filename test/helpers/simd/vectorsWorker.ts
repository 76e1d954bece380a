import { planModel } from '../../../src/inference/runtimes/simd/planModel.js'
import type { JSONObject } from '../../../src/models/index.js'
import { CoreMemory, CoreModule, SimdDecoder, ThreadPool } from '../../../src/simd/index.js'
import { isSimdThread, serveSimdThread, simdThreadSpawner } from '../../../src/worker/simdThread.js'
import { differingSteps, numericsVersion, sha256, type Vector, type Vectors } from './vectors.js'

/** What a worker of this file is asked to check. All URLs are absolute. */
export interface VectorRequest {
  /** The core's binary. */
  core: string
  /** Where the repository's files are served, with a slash at the end. */
  root: string
  threads: number
}

/** The steps that differ by model; all lists are empty where the bits are the same. */
export interface VectorReport {
  differing: Record<string, number[]>
  /** Threads that the core ran on. */
  threads: number
  versions: { core: number; vectors: number }
}

if (isSimdThread()) serveSimdThread()
else {
  self.onmessage = ({ data }: MessageEvent<VectorRequest>) => {
    check(data).then(postMessage, (error: unknown) => postMessage({ error: String(error) }))
  }
}

async function check({ core: url, root, threads }: VectorRequest): Promise<VectorReport> {
  const shared = threads > 1
  const core = await CoreModule.compile(await fetchBytes(url), shared)
  const file = await fetchJSON<Vectors>(`${root}test/fixtures/simd/vectors.json`)
  const report: VectorReport = {
    differing: {},
    threads,
    versions: { core: await numericsVersion(core, shared), vectors: file.numericsVersion },
  }
  for (const vector of file.vectors) {
    const decoder = await open(core, root, vector, threads)
    report.threads = Math.min(report.threads, decoder.threads)
    report.differing[vector.model] = await differingSteps(decoder, vector)
    decoder.dispose()
  }
  return report
}

async function open(core: CoreModule, root: string, vector: Vector, threads: number): Promise<SimdDecoder> {
  const path = 'onnx/model_q4.onnx'
  const config = await fetchJSON<JSONObject>(`${root}${vector.model}/config.json`)
  const bytes = await fetchBytes(`${root}${vector.model}/${path}`)
  if ((await sha256(bytes)) !== vector.graphSha256) throw new Error(`${vector.model} is another model than the vectors are of`)
  const { plan, reason } = planModel(config, { path, bytes, externalData: [] })
  if (!plan) throw new Error(reason)
  const memory = new CoreMemory({ shared: threads > 1, maximumBytes: 2 * bytes.length + 2 ** 27 })
  const address = memory.allocate(bytes.length)
  memory.bytes().set(bytes, address)
  const decoder = await SimdDecoder.create({ core, memory, plan, files: [address], maxThreads: threads })
  if (threads > 1) decoder.useSteps(await ThreadPool.start(core, memory, threads, simdThreadSpawner(self)))
  return decoder
}

async function fetchBytes(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

async function fetchJSON<T>(url: string): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await fetchBytes(url))) as T
}
