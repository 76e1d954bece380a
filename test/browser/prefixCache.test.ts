import { clearStoredModels, createEngine, type Engine, type GenerateMetrics, type LLMConfig, type PromptMessage } from 'react-edge-llm/engine'
import { afterEach, beforeEach, expect, it } from 'vitest'

const tiny = '/models/smollm2-tiny'
const engines: Engine[] = []

beforeEach(() => clearStoredModels())
afterEach(async () => {
  engines.splice(0).forEach((engine) => engine.dispose())
  await clearStoredModels()
})

function open(config: Partial<LLMConfig>): Engine {
  const engine = createEngine({ models: { onnx: tiny }, ...config })
  engines.push(engine)
  return engine
}

const system: PromptMessage = { role: 'system', content: 'You are a guide to an old mill by a river, and you know every stone of it. '.repeat(4) }
const user = (content: string): PromptMessage => ({ role: 'user', content })

async function ask(engine: Engine, messages: PromptMessage[], maxTokens = 6): Promise<{ ids: number[]; metrics: GenerateMetrics }> {
  for await (const event of engine.generate({ messages, maxTokens })) {
    if (event.type === 'finish') return { ids: event.tokenIds, metrics: event.metrics }
  }
  throw new Error('The generation ended without `finish`')
}

/** Names of the origin's files that belong to stored prefixes. */
async function stored(): Promise<string[]> {
  const root = await navigator.storage.getDirectory()
  const names: string[] = []
  const models = await root.getDirectoryHandle('react-edge-llm').catch(() => undefined)
  if (models) for await (const folder of models.values()) if (folder.kind === 'directory') for await (const name of (folder as FileSystemDirectoryHandle).keys()) names.push(name)
  return names.filter((name) => /prefix.*[0-9a-f]{32}\.json$/.test(name))
}

it.each([
  ['the SIMD core', { device: 'wasm', cpuBackend: 'simd' }],
  ['ONNX Runtime', { device: 'wasm', cpuBackend: 'onnxruntime' }],
] as const)('the first turn after a reload feeds what the user says, on %s', async (name, config) => {
  const messages = [system, user('Who built it?')]
  const first = open(config)
  const cold = await ask(first, messages)
  expect(cold.metrics).toMatchObject({ reusedTokens: 0 })
  await expect.poll(stored, { timeout: 10_000 }).toHaveLength(1)
  first.dispose()
  const warm = await ask(open(config), messages)
  expect(warm.ids).toEqual(cold.ids)
  expect(warm.metrics.reusedFrom).toBe('storage')
  const fed = warm.metrics.promptTokens - warm.metrics.reusedTokens
  expect(fed).toBeLessThan(name === 'ONNX Runtime' ? 80 : 20)
  await clearStoredModels(tiny)
  expect(await stored()).toEqual([])
})
