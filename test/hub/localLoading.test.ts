import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listStoredModels, loadModelFiles, loadModelSetup, resolveModel } from '../../src/models/index.js'
import { nodeFetch, NodeStorage } from '../../src/models/node.js'
import { startServer } from '../helpers/server/startServer.js'
import { manifestFor, modelFolder, onnxGraph, TemporaryFolder } from './tinyModel.js'
import type { LoadFilesOptions, ModelFiles } from '../../src/models/index.js'
import type { TestServer } from '../helpers/server/startServer.js'

const onWasm = { device: 'wasm', adapterFeatures: [] } as const

let folder: TemporaryFolder
let server: TestServer

beforeEach(async () => {
  folder = await TemporaryFolder.create()
  server = await startServer({ folders: { '/models/': folder.path } })
})

afterEach(async () => {
  await server.close()
  await folder.remove()
})

function load(path: string, options: Partial<LoadFilesOptions> = {}): Promise<ModelFiles> {
  return loadModelFiles(resolveModel(path, { baseURL: `${server.url}/app/` }), { ...onWasm, ...options })
}

describe('a local model without a manifest', () => {
  beforeEach(() => folder.write('your-model', modelFolder()))

  it('loads onnx/model.onnx, no dtype, from its own place only', async () => {
    const files = await load('/models/your-model')
    expect(files).toMatchObject({ dtype: undefined, graphPath: 'onnx/model.onnx', chatTemplate: 'from the config' })
    expect(files.dtypeReason).toContain('manifest.json')
    expect(new Set(server.requests)).toEqual(
      new Set(
        ['manifest.json', ...Object.keys(modelFolder()), 'chat_template.jinja'].map((path) => `/models/your-model/${path}`),
      ),
    )
  })

  it('is never stored', async () => {
    const storage = new NodeStorage(`${folder.path}/.storage`)
    await load('/models/your-model', { storage })
    server.requests.length = 0
    await load('/models/your-model', { storage })
    expect(server.requests).toContain('/models/your-model/onnx/model.onnx')
    expect(await listStoredModels({ storage })).toEqual([])
  })

  it.each(['q4', 'fp32'] as const)('refuses the dtype %s', async (dtype) => {
    await expect(load('/models/your-model', { dtype })).rejects.toMatchObject({
      code: 'dtype-for-local-model',
      subject: 'dtype',
      message: expect.stringContaining('Leave dtype out') as string,
    })
  })

  it('asks the HTTP cache to revalidate', async () => {
    const caches: unknown[] = []
    await load('/models/your-model', {
      fetch: (url, init) => {
        caches.push(init?.cache)
        return fetch(url, init)
      },
    })
    expect(new Set(caches)).toEqual(new Set(['no-cache']))
  })

  it('takes the app’s chat template', async () => {
    const source = resolveModel({ id: '/models/your-model', chatTemplate: 'mine' }, { baseURL: server.url })
    expect((await loadModelFiles(source, onWasm)).chatTemplate).toBe('mine')
  })
})

describe('a local model with a manifest', () => {
  const files = {
    ...modelFolder(),
    'onnx/model_quantized.onnx': onnxGraph(30_000),
    'onnx/model_q4.onnx': onnxGraph(15_000),
  }
  const dtypes = { fp32: 'onnx/model.onnx', q8: 'onnx/model_quantized.onnx', q4: 'onnx/model_q4.onnx' }

  beforeEach(() => folder.write('m', { ...files, 'manifest.json': manifestFor(files, dtypes) }))

  it.each([
    ['wasm', 'auto', 'q8'],
    ['webgpu', 'auto', 'q4'],
    ['wasm', 'fp32', 'fp32'],
  ] as const)('on %s with dtype %s loads %s', async (device, requested, dtype) => {
    const loaded = await load('/models/m', { device, dtype: requested })
    expect(loaded).toMatchObject({ dtype, graphPath: dtypes[dtype] })
    expect(loaded.manifest).toMatchObject({ name: 'tiny', architecture: 'LlamaForCausalLM' })
  })

  it('asks for no file that the manifest does not list', async () => {
    await load('/models/m')
    expect(server.requests).not.toContain('/models/m/chat_template.jinja')
  })

  it('knows the whole size from the first byte on', async () => {
    const totals = new Set<number>()
    await load('/models/m', { onProgress: ({ phase, total }) => phase === 'downloading' && totals.add(total) })
    expect(Math.max(...totals) - Math.min(...totals)).toBeLessThanOrEqual(manifestFor(files, dtypes).length)
  })

  it('refuses a file of another size', async () => {
    await folder.write('m', { 'onnx/model_quantized.onnx': onnxGraph(30_001) })
    await expect(load('/models/m')).rejects.toMatchObject({ code: 'model-corrupt', subject: 'onnx/model_quantized.onnx' })
  })

  it.each(['../m/config.json', 'https://evil.example/x.onnx', '/models/m/onnx/model.onnx'])('refuses the file name %s', async (file) => {
    await folder.write('evil', { ...files, 'manifest.json': JSON.stringify({ formatVersion: 1, dtypes: { q8: { file } } }) })
    await expect(load('/models/evil')).rejects.toMatchObject({ code: 'model-corrupt', subject: file })
    expect(server.requests).toEqual(['/models/evil/manifest.json'])
  })
})

describe('external data', () => {
  it('is loaded by what the graph says, one bar over all', async () => {
    const graph = await readFile(new URL('../fixtures/external-data.onnx', import.meta.url))
    await folder.write('split', {
      ...modelFolder(),
      'onnx/model.onnx': graph,
      'onnx/external-data.onnx_data': new Uint8Array(16).fill(1),
      'onnx/weights/constant.bin': new Uint8Array(300_000).fill(2),
    })
    const fractions: number[] = []
    const files = await load('/models/split', { onProgress: ({ fraction }) => fractions.push(fraction) })
    expect(files.graph.externalData.map(({ path, bytes }) => [path, bytes.length]).sort()).toEqual([
      ['external-data.onnx_data', 16],
      ['weights/constant.bin', 300_000],
    ])
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
    expect(fractions.at(-1)).toBe(1)
  })

  it('that is missing is named', async () => {
    await folder.write('split', { ...modelFolder(), 'onnx/model.onnx': onnxGraph(0, 'model.onnx_data') })
    await expect(load('/models/split')).rejects.toMatchObject({ code: 'external-data-missing', subject: 'onnx/model.onnx_data' })
  })

  it.each(['../../../secret', '/etc/passwd', 'https://evil.example/w'])('cannot be %s', async (location) => {
    await folder.write('evil', { ...modelFolder(), 'onnx/model.onnx': onnxGraph(0, location) })
    await expect(load('/models/evil')).rejects.toMatchObject({ code: 'model-corrupt', subject: location })
    expect(server.requests.every((path) => path.startsWith('/models/evil/'))).toBe(true)
  })
})

describe('files on disk', () => {
  const onDisk = (path: string, options: Partial<LoadFilesOptions> = {}): Promise<ModelFiles> =>
    loadModelFiles(resolveModel(path, { baseURL: `${pathToFileURL(folder.path).href}/` }), { ...onWasm, fetch: nodeFetch, ...options })

  it('load by path, by relative path and by URL', async () => {
    await folder.write('a # 100%', modelFolder())
    const [byPath, relative, byURL] = await Promise.all([
      onDisk(`${folder.path}/a # 100%`),
      onDisk('./a # 100%'),
      onDisk(pathToFileURL(`${folder.path}/a # 100%`).href),
    ])
    expect(byPath.graph.bytes.length).toBe(onnxGraph(40_000).length)
    expect(relative).toEqual(byPath)
    expect(byURL).toEqual(byPath)
  })

  it('that are not there are named', async () => {
    await folder.write('part', { 'config.json': '{}', 'tokenizer.json': '{}', 'tokenizer_config.json': '{}' })
    await expect(onDisk('./nothing')).rejects.toMatchObject({ code: 'model-not-found' })
    await expect(onDisk('./part')).rejects.toMatchObject({ code: 'model-file-missing', subject: 'onnx/model.onnx' })
  })
})

describe('a blob: model', () => {
  function blobModel(files: Record<string, string | Uint8Array>): string {
    const urls = Object.entries(files).map(([path, content]) => [path, URL.createObjectURL(new Blob([content as BlobPart]))])
    return URL.createObjectURL(new Blob([JSON.stringify(Object.fromEntries(urls))]))
  }

  it('loads from the URLs its index gives, asking for nothing else', async () => {
    const asked: string[] = []
    const files = await load(blobModel(modelFolder()), {
      fetch: (url, init) => {
        asked.push(url)
        return fetch(url, init)
      },
    })
    expect(files.graph.bytes.length).toBe(onnxGraph(40_000).length)
    expect(asked).toHaveLength(6)
    expect(asked.every((url) => url.startsWith('blob:'))).toBe(true)
  })

  it('may not point elsewhere', async () => {
    const index = URL.createObjectURL(new Blob([JSON.stringify({ 'config.json': 'https://evil.example/' })]))
    await expect(load(index)).rejects.toMatchObject({ code: 'model-corrupt' })
  })

  it('names what its index lacks', async () => {
    const { 'tokenizer.json': _gone, ...rest } = modelFolder()
    await expect(load(blobModel(rest))).rejects.toMatchObject({ code: 'tokenizer-missing', subject: 'tokenizer.json' })
  })
})

it('loadModelSetup finds out that the graph is missing', async () => {
  const { 'onnx/model.onnx': _gone, ...rest } = modelFolder()
  await folder.write('setup', rest)
  const source = resolveModel('/models/setup', { baseURL: server.url })
  await expect(loadModelSetup(source, onWasm)).rejects.toMatchObject({ code: 'model-file-missing', subject: 'onnx/model.onnx' })
  await folder.write('setup', modelFolder())
  expect(await loadModelSetup(source, onWasm)).toMatchObject({ graphPath: 'onnx/model.onnx' })
})
