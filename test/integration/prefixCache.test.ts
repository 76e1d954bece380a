import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as ort from 'onnxruntime-node'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadCPURuntime } from '../../src/inference/loadCPURuntime.js'
import { createNodeBinding } from '../../src/inference/runtimes/onnx/nodeBinding.js'
import type { Runtime } from '../../src/inference/Runtime.js'
import type { GenerateEvent, PrefixCacheConfig, PromptMessage } from '../../src/inference/types.js'
import { nodeFetch, NodeStorage } from '../../src/models/node.js'
import { modelFolder, type TestModel } from '../helpers/embeddedModel.js'
import { loadGrammarLibrary } from '../helpers/grammarLibrary.js'
import { nodePlatform } from '../helpers/simd/nodePlatform.js'
import { nodeLoadRequest } from '../helpers/nodeLoadRequest.js'

const tools = [
  {
    name: 'set_square_color',
    description: 'Change the color of the square',
    inputSchema: { type: 'object', properties: { color: { type: 'string', enum: ['red', 'green', 'blue'] } }, required: ['color'] },
  },
  {
    name: 'set_timer',
    description: 'Start a timer',
    inputSchema: { type: 'object', properties: { minutes: { type: 'integer', minimum: 1, maximum: 180 } }, required: ['minutes'] },
  },
]
const system: PromptMessage = { role: 'system', content: 'You are the assistant of a small gallery. You change its square and set its timers.' }

let folder: string
const runtimes: Runtime[] = []
const loadGrammar = vi.fn(loadGrammarLibrary)
beforeEach(() => {
  loadGrammar.mockClear()
  folder = mkdtempSync(path.join(tmpdir(), 'edge-llm-prefix-'))
})
afterEach(async () => {
  for (const runtime of runtimes.splice(0)) await runtime.dispose()
  rmSync(folder, { recursive: true })
})

interface Side {
  model: TestModel
  cpuBackend: 'simd' | 'onnxruntime'
  dtype: 'q4' | 'q8'
  prefixCache?: PrefixCacheConfig | false
  /** Pretends that ONNX Runtime is the one of browsers, whose keys and values are stored. */
  asWasm?: boolean
}

async function load({ model, cpuBackend, dtype, prefixCache, asWasm }: Side): Promise<Runtime> {
  const request = nodeLoadRequest(modelFolder(model), { dtype, storage: 'auto', threads: 2, cpuBackend, prefixCache })
  const binding = createNodeBinding(ort, 1)
  const openBinding = () => Promise.resolve(asWasm ? { ...binding, device: 'wasm' as const } : binding)
  const platform = { openBinding, simd: nodePlatform(2), storage: new NodeStorage(folder), fetch: nodeFetch, loadGrammar }
  const runtime = await loadCPURuntime(request, platform, () => undefined)
  runtimes.push(runtime)
  return runtime
}

async function ask(runtime: Runtime, messages: PromptMessage[], maxTokens = 16) {
  const events: GenerateEvent[] = []
  await runtime.generate({ messages, tools, maxTokens }, (update) => events.push(...update.events), { check: () => false })
  const finish = events.at(-1)
  if (finish?.type !== 'finish') throw new Error('The last event is not `finish`')
  const { promptTokens, reusedTokens, reusedFrom } = finish.metrics
  return { ids: finish.tokenIds, promptTokens, reusedTokens, reusedFrom, fed: promptTokens - reusedTokens }
}

const user = (content: string): PromptMessage => ({ role: 'user', content })
const done: PromptMessage = { role: 'assistant', content: 'Done.' }

/** Two conversations that take turns, with a regenerated answer and a third that begins late. */
const interleaved: PromptMessage[][] = [
  [system, user('Make the square red')],
  [system, user('Start a timer of 12 minutes, please')],
  [system, user('Make the square red'), done, user('And now green')],
  [system, user('Start a timer of 12 minutes, please'), done, user('No, make it 15')],
  [system, user('Start a timer of 12 minutes, please'), done, user('No, make it 15')],
  [system, user('Make the square red'), done, user('And now green'), done, user('Thank you')],
  [system, user('What can you do?')],
]

describe.each<Side>([
  { model: 'function-caller', cpuBackend: 'simd', dtype: 'q4' },
  { model: 'smollm2-tiny', cpuBackend: 'simd', dtype: 'q4' },
  { model: 'smollm2-tiny', cpuBackend: 'onnxruntime', dtype: 'q8', asWasm: true },
])('$model on $cpuBackend', (side) => {
  const isCore = side.cpuBackend === 'simd'
  const whole = (tokens: number) => (isCore ? tokens : tokens - (tokens % 64))

  it('gives identical tokens with the cache on and off, over conversations that take turns', async () => {
    const plain = await load({ ...side, prefixCache: false })
    const cached = await load({ ...side, prefixCache: { persist: false } })
    // Room for a part of what there is to keep. The real model takes too long to do everything three times.
    const small = side.model === 'smollm2-tiny' ? await load({ ...side, prefixCache: { persist: false, memoryMB: 0.2 } }) : undefined
    const fed: number[] = []
    const lengths: number[] = []
    for (const messages of interleaved) {
      const expected = await ask(plain, messages)
      expect(expected).toMatchObject({ reusedTokens: 0, reusedFrom: undefined })
      const got = await ask(cached, messages)
      expect(got.ids).toEqual(expected.ids)
      if (small) expect((await ask(small, messages)).ids).toEqual(expected.ids)
      fed.push(got.fed)
      lengths.push(expected.promptTokens)
    }
    expect(fed[0]).toBe(lengths[0])
    if (!isCore) return
    // A second conversation, and a third, feed what their user says; a turn what is new in it; the same again one token.
    expect(fed[1]).toBeLessThan(25)
    expect(fed[6]).toBeLessThan(25)
    expect(Math.max(fed[2]!, fed[3]!, fed[5]!)).toBeLessThan(45)
    expect(fed[4]).toBe(1)
  })

  it('feeds only what the user says in the first turn after a restart, with identical tokens', async () => {
    const cold = await load(side)
    const first = await ask(cold, interleaved[0]!)
    expect(first).toMatchObject({ reusedTokens: 0, reusedFrom: undefined })
    await runtimes.pop()!.dispose()
    expect(readdirSync(folder)).toHaveLength(1)
    const warm = await load(side)
    const again = await ask(warm, interleaved[0]!)
    expect(again.ids).toEqual(first.ids)
    expect(again.reusedFrom).toBe('storage')
    expect(again.fed).toBeLessThan(isCore ? 20 : 20 + 64)
    expect(again.reusedTokens).toBe(whole(again.reusedTokens))
    const other = await ask(await load(side), interleaved[1]!)
    expect(other.reusedFrom).toBe('storage')
    expect(other.ids).toEqual((await ask(await load({ ...side, prefixCache: false }), interleaved[1]!)).ids)
  })
})

it('has the library for calls at hand before the first one, for who made one in an earlier visit', async () => {
  const side: Side = { model: 'smollm2-tiny', cpuBackend: 'simd', dtype: 'q4' }
  await load(side)
  expect(loadGrammar).not.toHaveBeenCalled()
  await ask(runtimes[0]!, interleaved[0]!, 4)
  await runtimes.pop()!.dispose()
  loadGrammar.mockClear()
  await load(side)
  expect(loadGrammar).toHaveBeenCalledOnce()
})

it('stores nothing where that is not wanted', async () => {
  const side: Side = { model: 'smollm2-tiny', cpuBackend: 'simd', dtype: 'q4' }
  for (const prefixCache of [false, { persist: false }] as const) {
    const runtime = await load({ ...side, prefixCache })
    await ask(runtime, interleaved[0]!, 4)
    await runtimes.pop()!.dispose()
  }
  expect(readdirSync(folder)).toEqual([])
})
