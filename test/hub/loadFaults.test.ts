import { open } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadModelFiles, loadModelSetup, resolveModel } from '../../src/models/index.js'
import { NodeStorage } from '../../src/models/node.js'
import { startServer } from '../helpers/server/startServer.js'
import { startHub } from './server.js'
import { manifestFor, modelFolder, onnxGraph, TemporaryFolder } from './tinyModel.js'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LoadFilesOptions, ModelFiles } from '../../src/models/index.js'
import type { TestServer } from '../helpers/server/startServer.js'

const onWasm = { device: 'wasm', adapterFeatures: [] } as const
// Faults here last: nothing is gained by waiting between attempts.
const download = { backoffMs: 1 }
const page = '<!DOCTYPE html><html><body>my app</body></html>'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

let folder: TemporaryFolder
let server: TestServer | undefined

beforeEach(async () => {
  folder = await TemporaryFolder.create()
  await folder.write('m', modelFolder())
})

afterEach(async () => {
  await server?.close()
  server = undefined
  await folder.remove()
})

async function load(overrides: Record<string, Handler> = {}, options: Partial<LoadFilesOptions> = {}): Promise<ModelFiles> {
  const faults = Object.fromEntries(Object.entries(overrides).map(([path, handler]) => [`/models/m/${path}`, handler]))
  server = await startServer({ folders: { '/models/': folder.path }, overrides: faults })
  return loadModelFiles(resolveModel('/models/m', { baseURL: server.url }), { ...onWasm, download, ...options })
}

function answer(status: number, body: string | Uint8Array, headers: Record<string, string> = {}): Handler {
  return (_request, response) => response.writeHead(status, headers).end(body)
}

const html = answer(200, page, { 'content-type': 'text/html; charset=utf-8' })
const htmlAsBinary = answer(200, `\ufeff\n  ${page.toLowerCase()}`, { 'content-type': 'application/octet-stream' })
const lfs = answer(200, `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 1\n`)
const cut: Handler = (_request, response) => {
  response.writeHead(200, { 'content-length': '40000' }).write(onnxGraph(40_000).subarray(0, 20_000), () => response.destroy())
}
const json = answer(200, '{"a":', { 'content-type': 'application/json' })
const graph = 'onnx/model.onnx'

describe('each fault has its code and names its file', () => {
  it.each<[string, string, Handler, object]>([
    ['HTML by content type', 'config.json', html, { code: 'model-html-response', subject: 'config.json' }],
    ['a piece of HTML', graph, answer(200, '<p>Log in', { 'content-type': 'text/html' }), { code: 'model-html-response', subject: graph }],
    ['HTML by content type', graph, html, { code: 'model-html-response', subject: graph }],
    ['HTML by first bytes', graph, htmlAsBinary, { code: 'model-html-response', subject: graph }],
    ['HTML by first bytes', 'tokenizer.json', htmlAsBinary, { code: 'model-html-response', subject: 'tokenizer.json' }],
    ['404', graph, answer(404, ''), { code: 'model-file-missing', subject: graph }],
    ['410', 'tokenizer.json', answer(410, ''), { code: 'tokenizer-missing', subject: 'tokenizer.json' }],
    ['404', 'config.json', answer(404, ''), { code: 'config-missing', subject: 'config.json' }],
    ['401', 'config.json', answer(401, ''), { code: 'model-gated', subject: '/models/m' }],
    ['403', graph, answer(403, ''), { code: 'model-gated', subject: '/models/m' }],
    ['500', graph, answer(500, ''), { code: 'network', recoverable: true, subject: graph }],
    ['429', 'config.json', answer(429, ''), { code: 'network', recoverable: true, subject: 'config.json' }],
    ['a cut body', graph, cut, { code: 'network', recoverable: true, subject: graph }],
    ['an LFS pointer', graph, lfs, { code: 'model-lfs-pointer', message: expect.stringContaining('git lfs pull') as string }],
    ['an LFS pointer', 'tokenizer.json', lfs, { code: 'model-lfs-pointer', subject: 'tokenizer.json' }],
    ['broken JSON', 'config.json', json, { code: 'model-corrupt', subject: 'config.json' }],
    ['broken JSON', 'generation_config.json', json, { code: 'model-corrupt', subject: 'generation_config.json' }],
    ['broken JSON', 'manifest.json', json, { code: 'model-corrupt', subject: 'manifest.json' }],
    ['a JSON list', 'tokenizer.json', answer(200, '[]'), { code: 'model-corrupt', subject: 'tokenizer.json' }],
    ['an empty file', 'config.json', answer(200, ''), { code: 'model-corrupt', subject: 'config.json' }],
    ['an empty file', graph, answer(200, ''), { code: 'model-corrupt', subject: graph }],
    ['something else', graph, answer(200, 'PK\u0003\u0004 a zip file'), { code: 'model-corrupt', subject: graph }],
    ['half a graph', graph, answer(200, onnxGraph(40_000).subarray(0, 9000)), { code: 'model-corrupt', subject: graph }],
  ])('%s for %s', async (_fault, path, handler, error) => {
    await expect(load({ [path]: handler })).rejects.toMatchObject({ name: 'LLMError', ...error })
  })

  it('a start page in place of optional files is no fault', async () => {
    const files = await load({ 'manifest.json': html, 'generation_config.json': html, 'chat_template.jinja': html })
    expect(files).toMatchObject({ manifest: undefined, generationConfig: undefined, chatTemplate: 'from the config' })
  })

  it('nothing at the path at all', async () => {
    server = await startServer({ folders: { '/models/': folder.path } })
    const source = resolveModel('/models/typo', { baseURL: server.url })
    await expect(loadModelFiles(source, onWasm)).rejects.toMatchObject({ code: 'model-not-found', subject: '/models/typo' })
  })

  it('the start page for everything', async () => {
    server = await startServer({ folders: {}, overrides: { '/': html } })
    const source = resolveModel('/models/typo', { baseURL: server.url })
    const error = { code: 'model-html-response', message: expect.stringContaining('path is wrong') as string }
    await expect(loadModelFiles(source, onWasm)).rejects.toMatchObject(error)
    await expect(loadModelSetup(source, onWasm)).rejects.toMatchObject(error)
  })

  it('no server', async () => {
    server = await startServer({ folders: {} })
    const source = resolveModel('/models/m', { baseURL: server.url })
    await server.close()
    await expect(loadModelFiles(source, onWasm)).rejects.toMatchObject({ code: 'network', recoverable: true })
    const hub = resolveModel('org/name', { baseURL: server.url, hubURL: server.url })
    await expect(loadModelFiles(hub, onWasm)).rejects.toMatchObject({ code: 'network', recoverable: true })
  })
})

describe('a graph over 2 GB', () => {
  beforeEach(async () => {
    const file = await open(`${folder.path}/m/onnx/model.onnx`, 'w')
    await file.truncate(2 ** 31)
    await file.close()
  })

  it('is refused before it is read', async () => {
    await expect(load()).rejects.toMatchObject({ code: 'model-too-large', subject: graph })
    await expect(
      loadModelSetup(resolveModel('/models/m', { baseURL: String(server?.url) }), onWasm),
    ).rejects.toMatchObject({ code: 'model-too-large' })
  })

  it('is refused without a request where the manifest tells its size', async () => {
    const manifest = { formatVersion: 1, files: { [graph]: { size: 2 ** 31 } }, dtypes: { fp32: { file: graph } } }
    await folder.write('m', { 'manifest.json': JSON.stringify(manifest) })
    await expect(load()).rejects.toMatchObject({ code: 'model-too-large', subject: graph })
    expect(server?.requests).not.toContain(`/models/m/${graph}`)
  })
})

describe('servers that tell less', () => {
  it('without Content-Length', async () => {
    const bytes = onnxGraph(300_000)
    const files = await load({
      [graph]: (_request, response) => {
        for (let at = 0; at < bytes.length; at += 7000) response.write(bytes.subarray(at, at + 7000))
        response.end()
      },
    })
    expect(Buffer.compare(files.graph.bytes, bytes)).toBe(0)
  })

  it('with compressed bodies, whose Content-Length is another', async () => {
    const bytes = onnxGraph(300_000)
    const packed = gzipSync(bytes)
    const headers = { 'content-encoding': 'gzip', 'content-length': String(packed.length) }
    const fractions: number[] = []
    const files = await load({ [graph]: answer(200, packed, headers) }, { onProgress: ({ fraction }) => fractions.push(fraction) })
    expect(Buffer.compare(files.graph.bytes, bytes)).toBe(0)
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
  })

  it('without HEAD', async () => {
    const source = (): ReturnType<typeof resolveModel> => resolveModel('/models/m', { baseURL: String(server?.url) })
    await load({ [graph]: (request, response) => response.writeHead(request.method === 'HEAD' ? 405 : 200).end(onnxGraph(10)) })
    expect(await loadModelSetup(source(), onWasm)).toMatchObject({ graphPath: graph })
  })
})

describe('an abort', () => {
  it('before the start', async () => {
    await expect(load({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'load-aborted', recoverable: true })
    expect(server?.requests).toEqual([])
  })

  it.each(['manifest.json', 'config.json', 'tokenizer.json', graph])('while %s does not come ends the load at once', async (path) => {
    const controller = new AbortController()
    let abortedAt = 0
    let closed: Promise<unknown> | undefined
    const hang: Handler = (request, response) => {
      closed = new Promise((resolve) => request.socket.once('close', resolve))
      response.writeHead(200, { 'content-length': '1000000' }).write('\u0008')
      setTimeout(() => {
        abortedAt = performance.now()
        controller.abort()
      }, 30)
    }
    await expect(load({ [path]: hang }, { signal: controller.signal })).rejects.toMatchObject({ code: 'load-aborted' })
    expect(performance.now() - abortedAt).toBeLessThan(100)
    await closed
  })

  it('while storage hangs ends the load at once', async () => {
    await folder.write('org/model', modelFolder())
    const hub = await startHub({ directory: folder.path })
    const storage = new NodeStorage(`${folder.path}/.storage`)
    storage.put = () => new Promise(() => undefined)
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 50)
    const source = resolveModel('org/model', { baseURL: hub.url, hubURL: hub.url })
    await expect(loadModelFiles(source, { ...onWasm, storage, signal: controller.signal })).rejects.toMatchObject({ code: 'load-aborted' })
    await hub.close()
  })
})

it('one failing file ends the other requests', async () => {
  let graphClosed: Promise<unknown> | undefined
  const endless: Handler = (request, response) => {
    graphClosed = new Promise((resolve) => request.socket.once('close', resolve))
    response.writeHead(200, { 'content-length': '1000000' }).write('\u0008')
  }
  const failLate: Handler = (_request, response) => void setTimeout(() => response.writeHead(404).end(), 50)
  await expect(load({ [graph]: endless, 'tokenizer.json': failLate })).rejects.toMatchObject({ code: 'tokenizer-missing' })
  await graphClosed
})

it('progress over real connections never goes backwards, over many shapes of a model', async () => {
  for (const [round, withManifest] of [0, 1, 2, 3].map((i) => [i, i % 2 === 1] as const)) {
    const files = { ...modelFolder(round * 400_000), 'tokenizer.json': JSON.stringify({ padding: 'x'.repeat(round * 90_000) }) }
    await folder.write('m', { ...files, 'manifest.json': withManifest ? manifestFor(files, { fp32: graph }) : '{}' })
    const events: { loaded: number; fraction: number; total: number; at: number }[] = []
    await load({}, { onProgress: (event) => events.push({ ...event, at: performance.now() }) })
    await server?.close()
    events.slice(1).forEach((event, i) => {
      expect(event.loaded).toBeGreaterThanOrEqual(events[i]?.loaded ?? 0)
      expect(event.fraction).toBeGreaterThanOrEqual(events[i]?.fraction ?? 0)
      expect(event.total).toBeGreaterThanOrEqual(event.loaded)
    })
    expect(events.at(-1)).toMatchObject({ fraction: 1 })
    expect(events.at(-1)?.loaded).toBe(events.at(-1)?.total)
  }
})
