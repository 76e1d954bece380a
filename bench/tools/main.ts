// Runs in the page: one engine for each side, messages by turns, timed by the page's clock from sending to the handler.
import { wrap, type Remote } from 'comlink'
import { Conversation } from '../../src/chat/Conversation.js'
import { isToolPart } from '../../src/chat/isToolPart.js'
import { detectDevice } from '../../src/engine/detectDevice.js'
import { loadModel } from '../../src/engine/loadModel.js'
import { ModelEngine } from '../../src/engine/ModelEngine.js'
import { Retreats } from '../../src/engine/Retreats.js'
import { ThreadHost } from '../../src/engine/ThreadHost.js'
import type { GenerateEvent } from '../../src/inference/types.js'
import { PREFILL_CHUNK } from '../../src/inference/generate/Decoder.js'
import type { ToolSpec } from '../../src/tools/types.js'
import type { Answered, BenchRequest, BenchWorker, Setup, Side } from './types.js'

interface OpenSide extends Side {
  engine: ModelEngine
  worker: Remote<BenchWorker>
}

const sides = new Map<string, OpenSide>()

function sideOf(name: string): OpenSide {
  const side = sides.get(name)
  if (side === undefined) throw new Error(`${name} is not open`)
  return side
}

async function open(name: string, side: Side, { model, dtype, device, threads }: Setup): Promise<void> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: JSON.stringify(side) })
  new ThreadHost(worker)
  const connection = { endpoint: worker, onCrash: () => undefined, terminate: () => worker.terminate() }
  const host = { baseURL: () => document.baseURI, detectDevice, connectWorker: () => connection }
  const engine = new ModelEngine({ models: { onnx: `/models/${model}` }, dtype, device, threads }, async () => ({ host, loadModel, Retreats }))
  await engine.load()
  sides.set(name, { ...side, engine, worker: wrap<BenchWorker>(worker) })
}

async function ask(name: string, { say, tools: specs, toolCallBias }: BenchRequest): Promise<Answered> {
  const { engine, worker, constrained } = sideOf(name)
  await worker.takeRuns()
  const seen: GenerateEvent[] = []
  const watched: Pick<ModelEngine, 'generate'> = {
    generate: async function* (request, options) {
      for await (const event of engine.generate(request, options)) {
        seen.push(event)
        yield event
      }
    },
  }
  const started = performance.now()
  let dispatchedMs: number | undefined
  const execute = (): object => {
    dispatchedMs ??= performance.now() - started
    return {}
  }
  const tools = specs.map((spec) => ({ ...spec, execute }))
  const options = { tools, toolCallBias, constrained, maxSteps: 1, maxTokens: 96, onDoubt: 'execute' as const }
  const conversation = new Conversation(watched, () => options, { scheduler: (publish) => queueMicrotask(publish) })
  await conversation.sendMessage({ text: say })
  const { messages, error } = conversation.getSnapshot()
  // What the page throws loses its cause on the way to Node.
  if (error) throw new Error(`${error.message} ${String(error.cause)}`)

  const finish = seen.find((event) => event.type === 'finish')!
  const { promptTokens, reusedTokens, timeToFirstTokenMs } = finish.metrics
  const prefillRuns = Math.ceil((promptTokens - reusedTokens) / PREFILL_CHUNK)
  const calls = messages.at(-1)!.parts.filter(isToolPart).map(({ toolName, input, state }) => ({ toolName, input, state }))
  return {
    dispatchedMs,
    firstTokenMs: timeToFirstTokenMs,
    decodeRuns: (await worker.takeRuns()).slice(prefillRuns),
    tokenIds: finish.tokenIds,
    calls: JSON.stringify(calls),
  }
}

const bench = {
  open,
  ask,
  grammarSteps: (name: string, request: BenchRequest, tokenIds: number[]) => sideOf(name).worker.grammarSteps(request, tokenIds),
  compileTimes: (name: string, sets: ToolSpec[][]) => sideOf(name).worker.compileTimes(sets),
}

declare global {
  interface Window {
    bench: typeof bench
  }
}
window.bench = bench
