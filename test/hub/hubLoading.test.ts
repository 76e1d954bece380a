import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { clearStoredModels, isCached, listStoredModels, loadModelFiles, loadModelSetup, resolveModel } from '../../src/models/index.js'
import { NodeStorage } from '../../src/models/node.js'
import { startHub } from './server.js'
import { modelFolder, onnxGraph, TemporaryFolder } from './tinyModel.js'
import type { LoadFilesOptions, LoadProgress, ModelFiles, ModelRef } from '../../src/models/index.js'
import type { FakeHub, HubOptions } from './server.js'

const onWasm = { device: 'wasm', adapterFeatures: [] } as const

let folder: TemporaryFolder
let storage: NodeStorage
let hub: FakeHub

beforeEach(async () => {
  folder = await TemporaryFolder.create()
  storage = new NodeStorage(`${folder.path}/.storage`)
  await folder.write('org/model', {
    ...modelFolder(),
    'onnx/model_quantized.onnx': onnxGraph(20_000),
    'onnx/model_q4.onnx': onnxGraph(10_000),
    'onnx/model_q4f16.onnx': onnxGraph(9_000),
    'chat_template.jinja': 'from the jinja file',
  })
  hub = await startHub({ directory: folder.path })
})

afterEach(async () => {
  await hub.close()
  await folder.remove()
})

async function restart(options: Omit<HubOptions, 'directory'>): Promise<void> {
  await hub.close()
  hub = await startHub({ directory: folder.path, ...options })
}

function load(ref: ModelRef = 'org/model', options: Partial<LoadFilesOptions> & { hubToken?: string } = {}): Promise<ModelFiles> {
  const source = resolveModel(ref, { baseURL: 'https://app.example/', hubURL: hub.url, hubToken: options.hubToken })
  return loadModelFiles(source, { ...onWasm, storage, ...options })
}

function graphRequests(): string[] {
  return hub.requests.filter(({ path }) => path.includes('.onnx')).map(({ method, path }) => `${method} ${path}`)
}

describe('a Hub model', () => {
  it('comes through the redirects, byte for byte', async () => {
    const files = await load()
    expect(files.graph).toMatchObject({ path: 'onnx/model_quantized.onnx', externalData: [] })
    expect(Buffer.compare(files.graph.bytes, onnxGraph(20_000))).toBe(0)
    expect(files).toMatchObject({
      config: { model_type: 'llama' },
      generationConfig: { eos_token_id: 2 },
      tokenizerJson: { model: { type: 'BPE' } },
      chatTemplate: 'from the jinja file',
      dtype: 'q8',
      manifest: undefined,
    })
    expect(hub.requests.filter(({ server }) => server === 'cdn').length).toBe(2)
    expect(hub.requests.some(({ path }) => path.includes('/api/resolve-cache/'))).toBe(true)
  })

  it('is asked for with one listing and one request a file', async () => {
    await load()
    expect(hub.requests.filter(({ path }) => path.includes('/tree/'))).toHaveLength(1)
    expect(hub.requests.filter(({ path }) => path.includes('/resolve/')).map(({ method }) => method)).toEqual(Array(6).fill('GET'))
  })

  it.each([
    ['webgpu', ['shader-f16'], 'auto', 'onnx/model_q4f16.onnx'],
    ['webgpu', [], 'auto', 'onnx/model_q4.onnx'],
    ['wasm', [], 'auto', 'onnx/model_quantized.onnx'],
    ['wasm', [], 'fp32', 'onnx/model.onnx'],
  ] as const)('loads on %s with %o and dtype %s the file %s', async (device, adapterFeatures, dtype, path) => {
    expect((await load('org/model', { device, adapterFeatures, dtype })).graph.path).toBe(path)
    expect(hub.requests.filter((seen) => seen.server === 'hub' && seen.path.includes('.onnx'))).toHaveLength(1)
  })

  it('lets the model’s own dtype win over the config’s', async () => {
    expect((await load({ id: 'org/model', dtype: 'q4' }, { dtype: 'fp32' })).dtype).toBe('q4')
  })

  it('reads a listing of several pages', async () => {
    await restart({ pageSize: 3 })
    await load()
    expect(hub.requests.filter(({ path }) => path.includes('/tree/')).length).toBeGreaterThan(2)
  })

  it('loads from mirrors without a listing', async () => {
    await restart({ listing: false })
    expect((await load()).graph.path).toBe('onnx/model_quantized.onnx')
    expect(hub.requests.filter(({ method, server }) => method === 'HEAD' && server === 'hub')).toHaveLength(5)
    hub.requests.length = 0
    expect((await load()).graph.bytes.length).toBe(onnxGraph(20_000).length)
    expect(hub.requests).toEqual([])
  })

  it('finds what is missing in mirrors without a listing', async () => {
    await restart({ listing: false })
    await expect(load('org/model', { dtype: 'fp16' })).rejects.toMatchObject({ code: 'dtype-unavailable' })
    await expect(load('org/nothing')).rejects.toMatchObject({ code: 'model-not-found', subject: 'org/nothing' })
  })

  it('prefers the manifest’s files to file names', async () => {
    const manifest = { formatVersion: 1, files: {}, dtypes: { q8: { file: 'onnx/special.onnx' }, q4: { file: 'onnx/gone.onnx' } } }
    await folder.write('org/model', { 'manifest.json': JSON.stringify(manifest), 'onnx/special.onnx': onnxGraph(500) })
    const files = await load()
    expect(files.graph.path).toBe('onnx/special.onnx')
    expect(files.manifest?.dtypes.get('q8')).toEqual({ file: 'onnx/special.onnx', optional: false })
    await expect(load('org/model', { dtype: 'q4' })).rejects.toMatchObject({ code: 'dtype-unavailable' })
  })

  it.each([true, false])('passes over an optional precision that was not uploaded (listing: %s)', async (listing) => {
    await restart({ listing })
    const manifest = { formatVersion: 1, files: {}, dtypes: { q8: { file: 'onnx/local.onnx', optional: true }, q4: { file: 'onnx/shipped.onnx' } } }
    await folder.write('org/model', { 'manifest.json': JSON.stringify(manifest), 'onnx/shipped.onnx': onnxGraph(500) })
    expect(await load()).toMatchObject({ dtype: 'q4', graphPath: 'onnx/shipped.onnx' })
  })

  it('loads the external data its graph names, also beside other files', async () => {
    await folder.write('org/split', {
      ...modelFolder(),
      'onnx/model.onnx': onnxGraph(0, './model.onnx_data'),
      'onnx/model.onnx_data': new Uint8Array(50_000).fill(7),
      'onnx/model.onnx_data_1': 'left over from an earlier export',
    })
    const progress: LoadProgress[] = []
    const { graph } = await load('org/split', { onProgress: (event) => progress.push(event) })
    expect(graph.externalData.map(({ path, bytes }) => [path, bytes.length])).toEqual([['./model.onnx_data', 50_000]])
    expect(progress.at(-1)).toMatchObject({ fraction: 1 })
    hub.requests.length = 0
    expect((await load('org/split')).graph.externalData[0]?.bytes).toEqual(new Uint8Array(50_000).fill(7))
    expect(hub.requests).toEqual([])
  })

  it('gives everything but the graph to runtimes that load it themselves', async () => {
    const source = resolveModel('org/model', { baseURL: 'https://app.example/', hubURL: hub.url })
    const setup = await loadModelSetup(source, { ...onWasm, storage })
    expect(setup).toMatchObject({ graphPath: 'onnx/model_quantized.onnx', dtype: 'q8', chatTemplate: 'from the jinja file' })
    expect(graphRequests()).toEqual([])
  })
})

describe('the token', () => {
  beforeEach(() => restart({ gated: { 'org/model': 'hf_right' } }))

  it('opens a gated model and never reaches the second origin', async () => {
    expect((await load('org/model', { hubToken: 'hf_right' })).dtype).toBe('q8')
    const [hubSeen, cdnSeen] = ['hub', 'cdn'].map((server) => hub.requests.filter((seen) => seen.server === server))
    expect(hubSeen?.length).toBeGreaterThan(5)
    expect(hubSeen?.every(({ authorization }) => authorization === 'Bearer hf_right')).toBe(true)
    expect(cdnSeen?.length).toBe(2)
    expect(cdnSeen?.every(({ authorization }) => authorization === undefined)).toBe(true)
  })

  it.each([
    [undefined, /accept its terms at .*give a read token as hubToken/],
    ['hf_wrong', /hubToken does not open it/],
  ])('%s gets model-gated with advice', async (hubToken, message) => {
    await expect(load('org/model', { hubToken })).rejects.toMatchObject({
      code: 'model-gated',
      subject: 'org/model',
      recoverable: false,
      message: expect.stringMatching(message) as string,
    })
  })

  it('does not follow a listing to another origin', async () => {
    await restart({
      intercept(request, response) {
        if (request.url?.includes('/tree/') !== true) return false
        response.setHeader('link', `<${hub.cdnURL}/steal>; rel="next"`)
        response.end('[{"type":"file","path":"config.json","size":1}]')
        return true
      },
    })
    await expect(load('org/model', { hubToken: 'hf_x' })).rejects.toMatchObject({ code: 'model-file-missing' })
    expect(hub.requests.filter(({ server }) => server === 'cdn')).toEqual([])
  })
})

describe('what is not there', () => {
  it.each<[string, ModelRef, object]>([
    ['a repository', 'org/nothing', { code: 'model-not-found', subject: 'org/nothing' }],
    ['a revision', { id: 'org/model', revision: 'v9' }, { code: 'model-not-found', message: expect.stringContaining('"v9"') as string }],
    ['a dtype', { id: 'org/model', dtype: 'fp16' }, { code: 'dtype-unavailable', message: expect.stringContaining('fp32, q8, q4, q4f16') as string }],
  ])('%s', async (_what, ref, error) => {
    await expect(load(ref)).rejects.toMatchObject(error)
  })

  it.each([
    ['config.json', 'config-missing'],
    ['tokenizer.json', 'tokenizer-missing'],
    ['tokenizer_config.json', 'tokenizer-missing'],
  ] as const)('%s is %s', async (path, code) => {
    const { [path]: _gone, ...rest } = modelFolder()
    await folder.write('org/part', rest)
    await expect(load('org/part')).rejects.toMatchObject({ code, subject: path })
  })

  it('a graph is model-file-missing, with a place to look', async () => {
    await folder.write('org/torch', { 'config.json': '{}', 'model.safetensors': 'x' })
    await expect(load('org/torch')).rejects.toMatchObject({
      code: 'model-file-missing',
      message: expect.stringContaining('onnx-community') as string,
    })
  })

  it('generation_config.json and chat template are optional', async () => {
    const { 'generation_config.json': _gone, ...rest } = modelFolder()
    await folder.write('org/plain', { ...rest, 'tokenizer_config.json': '{}' })
    expect(await load('org/plain')).toMatchObject({ generationConfig: undefined, chatTemplate: undefined })
  })
})

describe('storage', () => {
  it('answers the second load alone, without any request', async () => {
    const first = await load()
    hub.requests.length = 0
    const phases = new Set<string>()
    const second = await load('org/model', { onProgress: ({ phase }) => phases.add(phase) })
    expect(hub.requests).toEqual([])
    expect(second).toEqual(first)
    expect(phases.has('downloading')).toBe(false)
  })

  it('fetches only the other graph when the dtype changes', async () => {
    await load()
    hub.requests.length = 0
    await load('org/model', { dtype: 'q4' })
    expect(graphRequests().filter((line) => line.includes('/resolve/'))).toEqual(['GET /org/model/resolve/main/onnx/model_q4.onnx'])
    expect(hub.requests.filter(({ path }) => path.includes('config.json'))).toEqual([])
    hub.requests.length = 0
    await load()
    await load('org/model', { dtype: 'q4' })
    expect(hub.requests).toEqual([])
  })

  it('never mixes two states of a repository', async () => {
    await load()
    const before = JSON.stringify({ model_type: 'llama', architectures: ['LlamaForCausalLM'] })
    const after = before.replace('llama', 'qwen3')
    await folder.write('org/model', { 'config.json': after, 'onnx/model_q4.onnx': onnxGraph(12_345) })
    const files = await load('org/model', { dtype: 'q4' })
    expect(files.config).toMatchObject({ model_type: 'qwen3' })
    expect(files.graph.bytes.length).toBe(onnxGraph(12_345).length)
    hub.requests.length = 0
    expect((await load()).config).toMatchObject({ model_type: 'qwen3' })
    expect(hub.requests.filter(({ path }) => path.includes('/tree/'))).toHaveLength(1)
  })

  it('does not take one Hub’s files for another’s', async () => {
    await load()
    const other = await startHub({ directory: folder.path })
    try {
      const source = resolveModel('org/model', { baseURL: 'https://app.example/', hubURL: other.url })
      await loadModelFiles(source, { ...onWasm, storage })
      expect(other.requests.filter(({ path }) => path.includes('/tree/'))).toHaveLength(1)
    } finally {
      await other.close()
    }
  })

  it('replaces a stored file that lost bytes', async () => {
    await load()
    await storage.delete('org/model@main', 'onnx/model_quantized.onnx')
    hub.requests.length = 0
    expect((await load()).graph.bytes.length).toBe(onnxGraph(20_000).length)
    expect(graphRequests()).not.toEqual([])
  })

  it('tells what is cached, lists it, clears one and all', async () => {
    const asked = { storage, hubURL: hub.url }
    await folder.write('org/second', modelFolder(300))
    expect(await isCached('org/model', asked)).toBe(false)
    await load()
    await load('org/second')
    expect(await isCached('org/model', asked)).toBe(true)
    expect(await isCached('org/model', { ...asked, dtype: 'q8' })).toBe(true)
    expect(await isCached('org/model', { ...asked, dtype: 'q4' })).toBe(false)
    expect(await isCached({ id: 'org/model', revision: 'v2' }, asked)).toBe(false)
    expect(await isCached('/models/local', asked)).toBe(false)

    const models = await listStoredModels({ storage })
    expect(models.map(({ key, id, revision }) => [key, id, revision]).sort()).toEqual([
      ['org/model@main', 'org/model', 'main'],
      ['org/second@main', 'org/second', 'main'],
    ])
    const [model] = models.filter(({ id }) => id === 'org/model')
    expect(model?.files.map(({ path }) => path).sort()).toEqual([
      'chat_template.jinja',
      'config.json',
      'generation_config.json',
      'onnx/model_quantized.onnx',
      'tokenizer.json',
      'tokenizer_config.json',
    ])
    expect(model?.size).toBe(model?.files.reduce((sum, { size }) => sum + size, 0))

    await clearStoredModels('org/model', { storage })
    expect(await isCached('org/model', asked)).toBe(false)
    expect(await isCached('org/second', asked)).toBe(true)
    await clearStoredModels(undefined, { storage })
    expect(await listStoredModels({ storage })).toEqual([])
  })

  it('is not written after a load that ended early', async () => {
    const controller = new AbortController()
    const options = { signal: controller.signal, onProgress: () => controller.abort() }
    await expect(load('org/model', options)).rejects.toMatchObject({ code: 'load-aborted' })
    expect(await isCached('org/model', { storage, hubURL: hub.url })).toBe(false)
  })

  it('never keeps a file that is not what it should be', async () => {
    await folder.write('org/model', { 'tokenizer.json': '{"cut', 'onnx/model_quantized.onnx': 'not a graph' })
    await expect(load()).rejects.toMatchObject({ code: 'model-corrupt' })
    expect(await storage.match('org/model@main', 'tokenizer.json')).toBeUndefined()
    expect(await storage.match('org/model@main', 'onnx/model_quantized.onnx')).toBeUndefined()
  })

  it('that is full never fails a load', async () => {
    storage.put = () => Promise.reject(Object.assign(new Error('disk full'), { code: 'ENOSPC' }))
    const warnings: unknown[] = []
    const files = await load('org/model', { onWarning: (warning) => warnings.push(warning.code) })
    expect(files.graph.bytes.length).toBe(onnxGraph(20_000).length)
    expect(warnings).toEqual(Array(6).fill('quota-exceeded'))
    expect(await isCached('org/model', { storage, hubURL: hub.url })).toBe(false)
  })
})

describe('pinned hashes', () => {
  it('let a file pass that fits', async () => {
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', onnxGraph(20_000) as Uint8Array<ArrayBuffer>)).toString('hex')
    expect((await load({ id: 'org/model', sha256: { 'onnx/model_quantized.onnx': digest } })).dtype).toBe('q8')
  })

  it('refuse and do not store one that does not', async () => {
    const ref = { id: 'org/model', sha256: { 'onnx/model_quantized.onnx': '0'.repeat(64) } }
    await expect(load(ref)).rejects.toMatchObject({ code: 'model-corrupt', subject: 'onnx/model_quantized.onnx' })
    expect(await storage.match('org/model@main', 'onnx/model_quantized.onnx')).toBeUndefined()
  })
})
