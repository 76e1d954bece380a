import { readFileSync } from 'node:fs'
import { planModel } from '../../../src/inference/runtimes/simd/planModel.js'
import type { JSONObject, ModelFiles } from '../../../src/models/index.js'
import { CoreMemory, CoreModule, SimdDecoder, type CoreMemoryOptions, type ModelPlan } from '../../../src/simd/index.js'
import { binary } from './compileOperators.js'

/** The families that `test/fixtures/simd` has a tiny model of. */
export const families = ['gemma3', 'granite', 'granite4', 'llama', 'llama3', 'mistral', 'qwen2', 'qwen3'] as const
export type Family = (typeof families)[number]

/** A tiny model with the logits that it must give. */
export interface Fixture {
  config: JSONObject
  graph: ModelFiles['graph']
  tokens: number[]
  /** Float32 `[tokens, vocab]`, computed from the same weights in fp32. */
  logits: Float32Array
}

export function readFixture(family: Family): Fixture {
  const file = (path: string) => new Uint8Array(readFileSync(new URL(`../../fixtures/simd/${family}/${path}`, import.meta.url)))
  const json = (path: string) => JSON.parse(new TextDecoder().decode(file(path))) as JSONObject
  const path = 'onnx/model_q4.onnx'
  return {
    config: json('config.json'),
    graph: { path, bytes: file(path), externalData: [] },
    tokens: json('reference.json').tokens as number[],
    logits: new Float32Array(file('logits.bin').buffer),
  }
}

/** The whole core, compiled from its sources. */
export async function compileCore(shared = false): Promise<CoreModule> {
  return CoreModule.compile(await binary(`export * from './index'`), shared)
}

/** The plan for a model that has one. */
export function planOf({ config, graph }: Fixture): ModelPlan {
  const { plan, reason } = planModel(config, graph)
  if (!plan) throw new Error(reason)
  return plan
}

/** A decoder with a model's weights in a memory of its own. */
export async function openFixture(fixture: Fixture, options: CoreMemoryOptions & { maxTokens?: number; maxThreads?: number; core?: CoreModule } = {}): Promise<SimdDecoder> {
  const { bytes } = fixture.graph
  const memory = new CoreMemory(options)
  const address = memory.allocate(bytes.length)
  memory.bytes().set(bytes, address)
  const core = options.core ?? (await compileCore(options.shared))
  return SimdDecoder.create({ core, memory, plan: planOf(fixture), files: [address], maxTokens: options.maxTokens, maxThreads: options.maxThreads })
}
