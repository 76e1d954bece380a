import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build, createServer, preview, type InlineConfig } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultModelId } from '../models/defaultModel.js'
import { edgeLLM } from './edgeLLM.js'
import { embeddedModelPath } from './embeddedModel.js'

const root = mkdtempSync(path.join(tmpdir(), 'embedded-'))
const model = path.join(root, 'node_modules/react-edge-llm-function-caller')
const shared: InlineConfig = { root, configFile: false, logLevel: 'silent', plugins: [edgeLLM({ embeddedModel: true })] }
const closers: (() => Promise<void>)[] = []
const origins = new Map<string, string>()

beforeAll(async () => {
  mkdirSync(path.join(model, 'onnx'), { recursive: true })
  writeFileSync(path.join(root, 'index.html'), '<!doctype html><title>App</title>')
  writeFileSync(path.join(root, 'package.json'), '{"name":"app"}')
  writeFileSync(path.join(model, 'package.json'), '{"name":"react-edge-llm-function-caller","exports":{"./*":"./*"}}')
  writeFileSync(path.join(model, 'index.js'), '')
  writeFileSync(path.join(model, 'config.json'), '{"model_type":"llama"}')
  writeFileSync(path.join(model, 'LICENSE'), 'Apache-2.0')
  writeFileSync(path.join(model, 'onnx/model_q4.onnx'), 'weights')

  const dev = await createServer({ ...shared, server: { port: 0, host: '127.0.0.1' } })
  await dev.listen()
  closers.push(() => dev.close())
  origins.set('dev', dev.resolvedUrls!.local[0]!)
  await build(shared)
  const server = await preview({ ...shared, preview: { port: 0, host: '127.0.0.1' } })
  closers.push(() => server.close())
  origins.set('preview', server.resolvedUrls!.local[0]!)
})

afterAll(async () => {
  await Promise.all(closers.map((close) => close()))
  rmSync(root, { recursive: true })
})

it('is served where configs without models look for it', () => {
  expect(embeddedModelPath).toBe(`${defaultModelId}/`)
})

describe.each(['dev', 'preview'])('in %s', (server) => {
  const get = (file: string, init?: RequestInit) => fetch(new URL(`models/function-caller/${file}`, origins.get(server)), init)

  it('the model’s files come with their types', async () => {
    const graph = await get('onnx/model_q4.onnx')
    expect(graph.headers.get('content-type')).toBe('application/octet-stream')
    expect(await graph.text()).toBe('weights')
    const config = await get('config.json')
    expect(config.headers.get('content-type')).toContain('application/json')
    expect(await config.json()).toEqual({ model_type: 'llama' })
  })

  it('a HEAD tells the size', async () => {
    const response = await get('onnx/model_q4.onnx', { method: 'HEAD' })
    expect(response.headers.get('content-length')).toBe('7')
    expect(await response.text()).toBe('')
  })

  it.each(['onnx/model_quantized.onnx', 'package.json', 'index.js', '..%2f..%2fpackage.json'])('%s is a 404', async (file) => {
    expect((await get(file)).status).toBe(404)
  })

  it('a file that has not changed is not sent again', async () => {
    const etag = (await get('config.json')).headers.get('etag')!
    expect(etag).not.toBe('')
    expect((await get('config.json', { headers: { 'If-None-Match': etag } })).status).toBe(304)
  })
})

it('builds get a copy, with its licence', () => {
  const copy = path.join(root, 'dist/models/function-caller')
  expect(readdirSync(copy).sort()).toEqual(['LICENSE', 'config.json', 'onnx'])
  expect(readFileSync(path.join(copy, 'onnx/model_q4.onnx'), 'utf8')).toBe('weights')
})

it('nothing is copied where it is not asked for', async () => {
  await build({ ...shared, plugins: [edgeLLM()], build: { outDir: 'plain' } })
  expect(existsSync(path.join(root, 'plain/models'))).toBe(false)
})

it('a package that is not installed is named before anything starts', async () => {
  const empty = mkdtempSync(path.join(tmpdir(), 'no-model-'))
  writeFileSync(path.join(empty, 'index.html'), '')
  await expect(build({ ...shared, root: empty })).rejects.toThrow('npm install react-edge-llm-function-caller')
  rmSync(empty, { recursive: true })
})
