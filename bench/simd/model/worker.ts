// One thread of the benchmark of whole passes, in a browser: it times decoders, or is a thread of one that does.
import { planModel } from '../../../src/inference/runtimes/simd/planModel.js'
import type { JSONObject } from '../../../src/models/index.js'
import { CoreMemory, CoreModule, OneThread, runThread, SimdDecoder, ThreadPool, type CoreSteps, type Sequence, type SpawnThread, type ThreadInit } from '../../../src/simd/index.js'

/** What is to be timed. */
export interface Question {
  builds: string[]
  threads: number[]
  contexts: number[]
  few: number
  prompt: number
  rounds: number
}

/** Milliseconds of one kind of pass, the median and the fastest one. */
export interface Row {
  pass: string
  build: string
  threads: number
  ms: number
  fastest: number
}

/** One build of the core with the model in a memory of its own, on any of several numbers of threads. */
interface Subject {
  build: string
  decoder: SimdDecoder
  sequences: Map<number, Sequence>
  use(threads: number): void
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
const text = (count: number, seed: number) => Array.from({ length: count }, (_, i) => 100 + ((i * i * seed + 31 * i) % 40_000))

const spawn: SpawnThread = (init) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(self.location.href, { type: 'module' })
    worker.onerror = (event) => reject(new Error(event.message))
    worker.onmessage = () => resolve({ terminate: () => worker.terminate() })
    worker.postMessage(init)
  })

async function open(build: string, { threads, contexts }: Question): Promise<Subject> {
  const get = async (path: string) => {
    const response = await fetch(path)
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    return response
  }
  const bytes = new Uint8Array(await (await get('/model/onnx/model_q4.onnx')).arrayBuffer())
  const config = (await (await get('/model/config.json')).json()) as JSONObject
  const { plan, reason } = planModel(config, { path: 'onnx/model_q4.onnx', bytes, externalData: [] })
  if (plan === undefined) throw new Error(reason)
  const memory = new CoreMemory({ shared: true, initialBytes: bytes.length + 2 ** 20, maximumBytes: bytes.length + 2 ** 29 })
  const address = memory.allocate(bytes.length)
  memory.bytes().set(bytes, address)
  const core = await CoreModule.compile(new Uint8Array(await (await get(`/wasm/${build}.wasm`)).arrayBuffer()), true)
  const decoder = await SimdDecoder.create({ core, memory, plan, files: [address], maxThreads: Math.max(...threads) })
  const steps = new Map<number, CoreSteps>()
  for (const of of threads) {
    steps.set(of, of > 1 ? await ThreadPool.start(core, memory, of, spawn) : new OneThread(await core.instantiate(memory, () => undefined)))
  }
  const use = (of: number) => {
    decoder.useSteps(lend(steps.get(of)!))
  }
  use(Math.max(...threads))
  const sequences = new Map<number, Sequence>()
  for (const context of contexts) {
    const sequence = decoder.sequence()
    decoder.feed(sequence, text(context, 7))
    sequences.set(context, sequence)
  }
  return { build, decoder, sequences, use }
}

/** A decoder disposes of what it leaves; a pool has further turns. */
function lend(steps: CoreSteps): CoreSteps {
  return {
    threads: steps.threads,
    dispose: () => undefined,
    begin: (run) => steps.begin(run),
    layer: (run, index) => steps.layer(run, index),
    logits: (run, first, count) => steps.logits(run, first, count),
  }
}

/** Passes by name. Each leaves its sequence as it was, and returns its logits. */
function passes({ decoder, sequences }: Subject, { few, prompt }: Question): Record<string, () => Float32Array> {
  const at = (context: number, tokens: number[], logits: number) => () => {
    const sequence = sequences.get(context)!
    const found = decoder.feed(sequence, tokens, { logits })
    sequence.truncate(context)
    return found
  }
  const all: Record<string, () => Float32Array> = {}
  for (const context of sequences.keys()) all[`1 token after ${context}`] = at(context, text(1, 3), 1)
  for (const context of sequences.keys()) {
    all[`${few} tokens after ${context}`] = at(context, text(few, 3), 1)
    all[`${few} tokens after ${context}, all logits`] = at(context, text(few, 3), few)
  }
  all[`${prompt} tokens`] = () => {
    const sequence = decoder.sequence()
    const found = decoder.feed(sequence, text(prompt, 11))
    sequence.dispose()
    return found
  }
  return all
}

function same(a: Float32Array, b: Float32Array): boolean {
  const [x, y] = [a, b].map((floats) => new Int32Array(floats.buffer, floats.byteOffset, floats.length)) as [Int32Array, Int32Array]
  return x.length === y.length && x.every((bits, i) => bits === y[i])
}

async function measure(question: Question): Promise<{ rows: Row[]; differing: string[] }> {
  const subjects: Subject[] = []
  for (const build of question.builds) subjects.push(await open(build, question))
  const names = Object.keys(passes(subjects[0]!, question))
  const times = new Map<string, Row & { all: number[] }>()
  const differing = new Set<string>()
  // The first round is not counted: V8 compiles a second time, better, while the first code runs.
  for (let round = -1; round < question.rounds; round++) {
    for (const pass of names) {
      let expected: Float32Array | undefined
      for (const threads of question.threads) {
        for (const subject of subjects) {
          subject.use(threads)
          const run = passes(subject, question)[pass]!
          const key = `${pass} ${subject.build} ${threads}`
          const row = times.get(key) ?? { pass, build: subject.build, threads, ms: 0, fastest: 0, all: [] }
          times.set(key, row)
          for (let rep = pass.startsWith('1 ') ? 4 : 1; rep >= 0; rep--) {
            const start = performance.now()
            const logits = run()
            // The first of a row wakes threads and caches.
            if (round >= 0 && (rep < 4 || question.rounds === 1)) row.all.push(performance.now() - start)
            if (round < 0 && rep === 0) {
              expected ??= logits.slice()
              if (!same(logits, expected)) differing.add(`${pass}: ${subject.build} on ${threads}`)
            }
          }
        }
      }
    }
  }
  const rows = [...times.values()].map(({ all, ...row }) => ({ ...row, ms: median(all), fastest: Math.min(...all) }))
  return { rows, differing: [...differing] }
}

self.onmessage = ({ data }: MessageEvent<Question | ThreadInit>) => {
  if ('module' in data) void runThread(data, () => self.postMessage('ready'))
  else
    void measure(data).then(
      (answer) => self.postMessage(answer),
      (error: unknown) => self.postMessage({ error: String(error) }),
    )
}
