import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { clearStoredModels, createEngine, isModelCached, listStoredModels, type Engine, type LLMConfig } from 'react-edge-llm/engine'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { modelFolder } from '../helpers/embeddedModel.js'
import { startHub, type FakeHub } from '../hub/server.js'

const id = 'acme/tiny'
const home = mkdtempSync(path.join(tmpdir(), 'engine-hub-'))
const engines: Engine[] = []
let hub: FakeHub

beforeAll(async () => {
  // Where models are stored on this machine.
  vi.stubEnv('XDG_CACHE_HOME', path.join(home, 'cache'))
  mkdirSync(path.join(home, 'acme'))
  cpSync(modelFolder('smollm2-tiny'), path.join(home, id), { recursive: true })
  hub = await startHub({ directory: home })
})

afterEach(() => engines.splice(0).forEach((engine) => engine.dispose()))

afterAll(async () => {
  await hub.close()
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true })
})

async function tokens(config: LLMConfig): Promise<number[]> {
  const engine = createEngine(config)
  engines.push(engine)
  for await (const event of engine.generate({ messages: [{ role: 'user', content: 'Hi' }], maxTokens: 4 })) {
    if (event.type === 'finish') return event.tokenIds
  }
  throw new Error('The generation ended without `finish`')
}

it.each(['onnx', 'transformers'] as const)('the %s runtime downloads a Hub model once, then needs no network', async (runtime) => {
  const config: LLMConfig = { models: { [runtime]: id } as LLMConfig['models'], hubURL: hub.url, dtype: 'q8' }
  expect(await isModelCached(id, config)).toBe(false)
  const first = await tokens(config)
  expect(first).toHaveLength(4)
  expect(await isModelCached(id, config)).toBe(true)
  const [stored] = await listStoredModels(config)
  expect(stored).toMatchObject({ id, revision: 'main' })
  expect(stored!.size).toBeGreaterThan(6_000_000)

  hub.requests.length = 0
  expect(await tokens(config)).toEqual(first)
  expect(hub.requests).toEqual([])

  await clearStoredModels(id, config)
  expect(await isModelCached(id, config)).toBe(false)
  expect(await listStoredModels(config)).toEqual([])
})
