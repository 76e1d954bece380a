import { createEngine, type Engine, type LLMConfig } from 'react-edge-llm/engine'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { commands } from 'vitest/browser'
import { judge } from '../../src/cli/eval/judge.js'
import type { PlainCall } from '../../src/cli/eval/types.js'
import { callsFor, demoRequests, type DemoApp, type DemoRequest } from '../helpers/demoRequests.js'

// The embedded model makes the same calls in every precision it runs in, in Node and in browsers, and the right ones.
const names = ['square-color', 'square-color-example', 'smart-home']
const minute = 60_000

const engines: Engine[] = []
afterEach(() => engines.splice(0).forEach((engine) => engine.dispose()))

function open(config: LLMConfig): Engine {
  const engine = createEngine(config)
  engines.push(engine)
  return engine
}

let requests: DemoRequest[]
let inNode: string[]
beforeAll(async () => {
  const files = await Promise.all(names.map((name) => commands.readFile(`pipeline/data/demos-test/${name}.json`)))
  requests = demoRequests(files.map((text) => JSON.parse(text) as DemoApp), 50)
  inNode = await commands.nodeCalls('q4', requests)
}, 20 * minute)

const readable = (calls: readonly string[]) => calls.map((call, i) => `${requests[i]!.say} → ${call}`)

it('q4 in Node makes the right calls', () => {
  const wrong = requests.flatMap(({ calls, tools }, i) => {
    const failure = judge({ toolCalls: JSON.parse(inNode[i]!) as PlainCall[], rejected: [] }, [calls], tools)
    return failure === undefined ? [] : [`${failure}: ${readable(inNode)[i]!}`]
  })
  expect(wrong).toEqual([])
})

it('q8 in Node makes the same calls', { timeout: 20 * minute }, async () => {
  const some = (_: unknown, i: number) => i % 3 === 0
  expect(await commands.nodeCalls('q8', requests.filter(some))).toEqual(inNode.filter(some))
})

it('the SIMD core, taken for a config that names neither model nor backend, makes the same calls', { timeout: 20 * minute }, async () => {
  const engine = open({ device: 'wasm' })
  expect(await engine.load()).toMatchObject({ id: '/models/function-caller', backend: 'simd', dtype: 'q4', device: 'wasm', toolFormat: 'hermes' })
  expect(readable(await callsFor(engine, requests))).toEqual(readable(inNode))
})

// ONNX Runtime's WebAssembly takes five times as long, and 4 bits a third of a second a token: a few requests have to do.
it('q8 on ONNX Runtime makes the same calls', { timeout: 20 * minute }, async () => {
  const engine = open({ device: 'wasm', dtype: 'q8' })
  expect(await engine.load()).toMatchObject({ backend: 'onnxruntime-web/wasm', dtype: 'q8' })
  const few = requests.filter((_, i) => i % 20 === 0)
  expect(await callsFor(engine, few)).toEqual(inNode.filter((_, i) => i % 20 === 0))
})

it('q4 on ONNX Runtime makes the same calls', { timeout: 20 * minute }, async () => {
  const engine = open({ device: 'wasm', dtype: 'q4', cpuBackend: 'onnxruntime' })
  const few = requests.filter((_, i) => i % 30 === 0)
  expect(await callsFor(engine, few)).toEqual(inNode.filter((_, i) => i % 30 === 0))
})
