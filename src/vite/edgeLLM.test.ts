import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build, createServer, preview } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { edgeLLM } from './edgeLLM.js'

const root = mkdtempSync(path.join(tmpdir(), 'vite-plugin-'))
const closers: (() => Promise<void>)[] = []
const origins = new Map<string, string>()

beforeAll(async () => {
  mkdirSync(path.join(root, 'public/models/m/onnx'), { recursive: true })
  writeFileSync(path.join(root, 'index.html'), '<!doctype html><title>App</title>')
  for (const file of ['model.onnx', 'model.onnx_data', 'model.onnx_data_1', 'extra.wasm']) {
    writeFileSync(path.join(root, 'public/models/m/onnx', file), 'bytes')
  }
  writeFileSync(path.join(root, 'public/models/m/config.json'), '{}')

  const shared = { root, configFile: false as const, logLevel: 'error' as const }
  const dev = await createServer({ ...shared, plugins: [edgeLLM()], server: { port: 0, host: '127.0.0.1' } })
  await dev.listen()
  closers.push(() => dev.close())
  origins.set('dev', dev.resolvedUrls!.local[0]!)

  await build({ ...shared, plugins: [edgeLLM()] })
  const open = async (name: string, options: Parameters<typeof edgeLLM>[0]) => {
    const server = await preview({ ...shared, plugins: [edgeLLM(options)], preview: { port: 0, host: '127.0.0.1' } })
    closers.push(() => server.close())
    origins.set(name, server.resolvedUrls!.local[0]!)
  }
  await open('preview', {})
  await open('plain preview', { crossOriginIsolation: false })
})

afterAll(async () => {
  await Promise.all(closers.map((close) => close()))
  rmSync(root, { recursive: true })
})

const get = (server: string, file: string) => fetch(new URL(file, origins.get(server)))

describe.each(['dev', 'preview'])('in %s', (server) => {
  it.each([
    ['model.onnx', 'application/octet-stream'],
    ['model.onnx_data', 'application/octet-stream'],
    ['model.onnx_data_1', 'application/octet-stream'],
    ['extra.wasm', 'application/wasm'],
  ])('%s has the type %s', async (file, type) => {
    const response = await get(server, `models/m/onnx/${file}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(type)
    expect(await response.text()).toBe('bytes')
  })

  it('a missing model file is a 404, not the start page', async () => {
    const response = await get(server, 'models/m/onnx/model_q4.onnx')
    expect(response.status).toBe(404)
    expect(await response.text()).not.toContain('<title>')
  })

  it('leaves everything else alone', async () => {
    expect(await (await get(server, 'models/m/config.json')).text()).toBe('{}')
    expect(await (await get(server, 'some/route')).text()).toContain('<title>App')
  })

  it('isolates pages, so that they get SharedArrayBuffer', async () => {
    const { headers } = await get(server, '')
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp')
  })
})

it('leaves pages unisolated when told so', async () => {
  const { headers } = await get('plain preview', '')
  expect(headers.get('cross-origin-opener-policy')).toBeNull()
})
