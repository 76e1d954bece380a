import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LLMError } from '../../src/errors/index.js'
import { listStoredModels, loadModelFiles, loadModelSetup, resolveModel } from '../../src/models/index.js'
import { nodeFetch, NodeStorage } from '../../src/models/node.js'
import { startServer } from '../helpers/server/startServer.js'
import { manifestFor, modelFolder, onnxGraph, TemporaryFolder } from './tinyModel.js'
import type { LoadFilesOptions, ModelFiles, ModelSetup } from '../../src/models/index.js'
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

  it('loads q4 on CPUs that run it fast, for architectures that they know', async () => {
    const architectures: unknown[] = []
    const runsQ4 = (known: boolean) => (config: Record<string, unknown>) => {
      architectures.push(config.architectures)
      return known
    }
    expect(await load('/models/m', { runsQ4: runsQ4(true) })).toMatchObject({ dtype: 'q4' })
    expect(await load('/models/m', { runsQ4: runsQ4(false) })).toMatchObject({ dtype: 'q8', graphPath: dtypes.q8 })
    expect(architectures).toEqual([['LlamaForCausalLM'], ['LlamaForCausalLM']])
    expect(server.requests.filter((path) => path === '/models/m/config.json')).toHaveLength(2)
  })

  it('reads weights into the memory it is given, shared memory included', async () => {
    const memory = new SharedArrayBuffer(64 * 1024)
    const asked: [string, number][] = []
    const { graph } = await load('/models/m', {
      place(path, size) {
        asked.push([path, size])
        return new Uint8Array(memory, 1024, size)
      },
    })
    const expected = files['onnx/model_quantized.onnx']
    expect(asked).toEqual([['onnx/model_quantized.onnx', expected.length]])
    expect(graph.bytes.buffer).toBe(memory)
    expect(new Uint8Array(memory.slice(1024, 1024 + expected.length))).toEqual(expected)
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

describe('a local model whose manifest names an optional precision', () => {
  const graphs = { q4: 'onnx/model_q4.onnx' }
  const q8 = 'onnx/model_quantized.onnx'

  beforeEach(async () => {
    const { 'onnx/model.onnx': graph, ...rest } = modelFolder()
    const files = { ...rest, 'onnx/model_q4.onnx': graph! }
    const manifest = JSON.parse(manifestFor(files, graphs)) as { dtypes: object }
    manifest.dtypes = { ...manifest.dtypes, q8: { file: q8, optional: true } }
    await folder.write('shipped', { ...files, 'manifest.json': JSON.stringify(manifest) })
  })

  it('loads what is shipped where the optional file is missing', async () => {
    expect(await load('/models/shipped')).toMatchObject({ dtype: 'q4', graphPath: 'onnx/model_q4.onnx' })
    expect(server.requests).toContain(`/models/shipped/${q8}`)
  })

  it('loads the optional file where it is there and suits better', async () => {
    await folder.write('shipped', { [q8]: onnxGraph(50_000) })
    const files = await load('/models/shipped')
    expect(files).toMatchObject({ dtype: 'q8', graphPath: q8 })
    expect(files.graph.bytes.length).toBe(onnxGraph(50_000).length)
  })

  it('does not ask for it where it would not be taken', async () => {
    expect(await load('/models/shipped', { device: 'webgpu' })).toMatchObject({ dtype: 'q4' })
    expect(await load('/models/shipped', { dtype: 'q4' })).toMatchObject({ dtype: 'q4' })
    expect(server.requests).not.toContain(`/models/shipped/${q8}`)
  })

  it('says what there is when just that one is asked for', async () => {
    await expect(load('/models/shipped', { dtype: 'q8' })).rejects.toMatchObject({
      code: 'dtype-unavailable',
      message: expect.stringContaining('It comes in: q4') as string,
    })
  })
})

describe('the model of a config without models', () => {
  it('is found where the package’s files are served', async () => {
    await folder.write('function-caller', modelFolder())
    expect(await load('/models/function-caller')).toMatchObject({ graphPath: 'onnx/model.onnx' })
  })

  it('that is not there: the error says how to get it', async () => {
    await expect(load('/models/function-caller')).rejects.toMatchObject({
      code: 'model-not-found',
      message: expect.stringMatching(/npm install react-edge-llm-function-caller.*edgeLLM\(\{ embeddedModel: true \}\)/) as string,
    })
    const { 'tokenizer.json': _gone, ...rest } = modelFolder()
    await folder.write('function-caller', rest)
    await expect(load('/models/function-caller')).rejects.toMatchObject({
      code: 'tokenizer-missing',
      message: expect.stringContaining('npm install react-edge-llm-function-caller') as string,
    })
  })

  it('where the app’s start page comes instead: the error says so, and how to get it', async () => {
    const html = (): Promise<Response> => Promise.resolve(new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }))
    await expect(load('/models/function-caller', { fetch: html })).rejects.toMatchObject({
      code: 'model-html-response',
      message: expect.stringContaining('embeddedModel: true') as string,
    })
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

it('tells what is small before the graph is there, and ends with what that throws', async () => {
  await folder.write('slow', modelFolder())
  const fetchSlowly: typeof fetch = (url, init) =>
    String(url).endsWith('.onnx')
      ? new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))))
      : fetch(url, init)
  const refused = new LLMError({ code: 'tokenizer-missing', message: 'The tokenizer is no good.' })
  const onSetup = (setup: ModelSetup): void => {
    expect(setup).toMatchObject({ graphPath: 'onnx/model.onnx', chatTemplate: 'from the config' })
    throw refused
  }
  await expect(load('/models/slow', { fetch: fetchSlowly as LoadFilesOptions['fetch'], onSetup })).rejects.toBe(refused)
})
