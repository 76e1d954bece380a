import * as ort from 'onnxruntime-web/webgpu'
import { afterAll, expect, it } from 'vitest'
import { openGPUDecoder } from '../../src/inference/runtimes/onnx/openGPUDecoder.js'
import { createWebBinding } from '../../src/inference/runtimes/onnx/webBinding.js'
import type { OpenedDecoder } from '../../src/inference/generate/DecoderRuntime.js'
import type { JSONObject, ModelFiles } from '../../src/models/index.js'

// Tiny models on a GPU that is a CPU: what counts is that the numbers are right.
const build = 'Suspending' in WebAssembly ? 'jspi' : 'asyncify'
const asset = (ending: string) => new URL(`/dist/worker/ort-wasm-simd-threaded.${build}.${ending}`, location.origin)
const binding = createWebBinding({ ort, assets: { mjs: asset('mjs'), wasm: asset('wasm') }, provider: 'webgpu', threads: 1 })

const opened: OpenedDecoder[] = []
afterAll(() => Promise.all(opened.map(({ backend }) => backend.dispose())))

async function open(family: string) {
  const file = async (path: string) => (await fetch(`/test/fixtures/simd/${family}/${path}`)).arrayBuffer()
  const json = async (path: string) => JSON.parse(new TextDecoder().decode(await file(path))) as JSONObject
  const path = 'onnx/model_q4.onnx'
  const files = { config: await json('config.json'), graph: { path, bytes: new Uint8Array(await file(path)), externalData: [] } } as unknown as ModelFiles
  const decoder = await openGPUDecoder(binding, files)
  opened.push(decoder)
  await decoder.warmUp()
  const { backend } = decoder
  const reference = new Float32Array(await file('logits.bin'))
  const expectedAt = (token: number) => reference.subarray(token * backend.vocabSize, (token + 1) * backend.vocabSize)
  const difference = (logits: Float32Array, token: number) => logits.reduce((most, value, i) => Math.max(most, Math.abs(value - expectedAt(token)[i]!)), 0)
  return { decoder, backend, difference, tokens: (await json('reference.json')).tokens as number[] }
}

it.each([
  ['llama', true],
  ['mistral', false],
])('%s gives the logits of its weights, token by token, recorded: %s', async (family, isRecorded) => {
  const { decoder, backend, difference, tokens } = await open(family)
  expect(decoder.reason.includes('recorded')).toBe(isRecorded)
  for (const start of [5, 3]) {
    await backend.truncate(0)
    expect(difference(await backend.feed(tokens.slice(0, start)), start - 1)).toBeLessThan(1e-3)
    for (let i = start; i < 12; i++) expect(difference(await backend.feed([tokens[i]!]), i)).toBeLessThan(1e-3)
  }
})
