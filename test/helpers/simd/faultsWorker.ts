import { isLLMError } from '../../../src/errors/index.js'
import { planModel } from '../../../src/inference/runtimes/simd/planModel.js'
import type { JSONObject } from '../../../src/models/index.js'
import { CoreMemory, CoreModule, SimdDecoder, ThreadPool, type Thread } from '../../../src/simd/index.js'
import { isSimdThread, serveSimdThread, simdThreadSpawner } from '../../../src/worker/simdThread.js'

/** What is to go wrong. URLs are absolute. */
export interface FaultRequest {
  fault: 'a thread ends' | 'memory does not grow' | 'the file is cut off'
  /** The core's binary, and the folder of a model, with a slash at its end. */
  core: string
  model: string
}

/** How it ended: the error's code and subject, `none` where there was no error. */
export interface FaultReport {
  code: string
  subject: string | undefined
  ms: number
  /** Likeliest token after the same prompt before the fault and, on one thread, behind it. */
  before: number
  after: number
}

const prompt = [1, 2, 3, 4, 5]

if (isSimdThread()) serveSimdThread()
else {
  self.onmessage = ({ data }: MessageEvent<FaultRequest>) => {
    run(data).then(postMessage, (error: unknown) => postMessage({ error: String(error) }))
  }
}

async function run({ fault, core: url, model }: FaultRequest): Promise<FaultReport> {
  const path = 'onnx/model_q4.onnx'
  const config = JSON.parse(new TextDecoder().decode(await read(`${model}config.json`))) as JSONObject
  const bytes = await read(`${model}${path}`)
  const binary = await read(url)

  const open = async (graph: Uint8Array, threads: number, stopGrowth = false) => {
    const { plan, reason } = planModel(config, { path, bytes: graph, externalData: [] })
    if (!plan) throw new Error(reason)
    const memory = new CoreMemory({ shared: threads > 1, maximumBytes: 2 ** 26 })
    const address = memory.allocate(graph.length)
    memory.bytes().set(graph, address)
    if (stopGrowth) {
      memory.memory.grow = () => {
        throw new RangeError('Maximum memory size exceeded')
      }
    }
    const core = await CoreModule.compile(binary, threads > 1)
    const decoder = await SimdDecoder.create({ core, memory, plan, files: [address], maxThreads: threads })
    const started: Thread[] = []
    const spawn = simdThreadSpawner(self)
    if (threads > 1) {
      decoder.useSteps(
        await ThreadPool.start(core, memory, threads, async (init) => {
          const thread = await spawn(init)
          started.push(thread)
          return thread
        }),
      )
    }
    const ask = () => {
      const sequence = decoder.sequence()
      const logits = decoder.feed(sequence, prompt)
      const likeliest = logits.indexOf(Math.max(...logits))
      sequence.dispose()
      return likeliest
    }
    return { decoder, ask, started }
  }

  const faults: Record<FaultRequest['fault'], () => Promise<unknown>> = {
    'a thread ends': async () => {
      const { ask, started } = await open(bytes, 3)
      ask()
      started[0]!.terminate()
      // Chromium ends a worker that waits after two seconds.
      await new Promise((resolve) => setTimeout(resolve, 3000))
      ask()
    },
    'memory does not grow': async () => {
      const { decoder } = await open(bytes, 1, true)
      for (let i = 0; i < 10_000; i++) decoder.feed(decoder.sequence(), prompt)
    },
    'the file is cut off': () => open(bytes.slice(0, bytes.length / 2), 1),
  }
  const before = (await open(bytes, 1)).ask()
  const began = performance.now()
  const error: unknown = await faults[fault]().then(
    () => undefined,
    (cause: unknown) => cause,
  )
  const ms = performance.now() - began
  const told = isLLMError(error) ? { code: error.code, subject: error.subject } : { code: error === undefined ? 'none' : String(error), subject: undefined }
  return { ...told, ms, before, after: (await open(bytes, 1)).ask() }
}

async function read(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}
