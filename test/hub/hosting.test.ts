import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadModelFiles, resolveModel } from '../../src/models/index.js'
import { NodeStorage } from '../../src/models/node.js'
import { storageError } from '../../src/models/storage/storageErrors.js'
import { startHub } from './server.js'
import { modelFolder, onnxGraph, TemporaryFolder } from './tinyModel.js'
import type { ServerResponse } from 'node:http'
import type { LoadFilesOptions, ModelFiles } from '../../src/models/index.js'
import type { LLMErrorCode } from '../../src/errors/index.js'
import type { FakeHub, SeenRequest } from './server.js'

const docs = (name: string): string => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8')
const graph = 'onnx/model.onnx'
const page = '<!doctype html><title>My app</title>'

/** How a host answers for one file; false leaves it to the server. */
type Answer = (response: ServerResponse, request: { range: string | undefined; server: SeenRequest['server'] }) => boolean

let folder: TemporaryFolder
let hub: FakeHub
let faults: Record<string, Answer>

beforeEach(async () => {
  faults = {}
  folder = await TemporaryFolder.create()
  await folder.write('org/model', { ...modelFolder(), [graph]: onnxGraph(40_000, 'w.bin'), 'onnx/w.bin': new Uint8Array(4000) })
  hub = await startHub({
    directory: folder.path,
    intercept(request, response, server) {
      const url = decodeURIComponent(request.url ?? '')
      const path = Object.keys(faults).find((name) => url.endsWith(`/${name}`) && !url.includes('/api/models/'))
      return path !== undefined && (faults[path]?.(response, { range: request.headers.range, server }) ?? false)
    },
  })
})

afterEach(async () => {
  await hub.close()
  await folder.remove()
})

const answer =
  (status: number, body: string | Uint8Array = '', headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, headers).end(body)
    return true
  }

const whole = onnxGraph(40_000, 'w.bin')

// Ranges of the packed file, called ranges of the file.
const mangled: Answer = (response, { range, server }) => {
  if (server !== 'cdn') return false
  const packed = gzipSync(whole)
  const start = Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0)
  const head = { 'content-encoding': 'gzip', 'content-length': String(packed.length - start), ...(start > 0 && { 'content-range': `bytes ${start}-${packed.length - 1}/${packed.length}` }) }
  response.writeHead(start > 0 ? 206 : 200, head)
  if (start > 0) response.end(packed.subarray(start))
  else response.write(packed.subarray(0, packed.length >> 1), () => setTimeout(() => response.destroy(), 20))
  return true
}

const cut: Answer = (response, { server }) => {
  if (server !== 'cdn') return false
  response.writeHead(200, { 'content-length': String(whole.length) }).write(whole.subarray(0, 9000), () => response.destroy())
  return true
}

interface Fault {
  what: string
  path: string
  answer: Answer
  code: LLMErrorCode
  /** Where the Hub's listing tells more. */
  onHub?: LLMErrorCode
  /** Part of the advice. */
  says: RegExp
}

const hosting: Fault[] = [
  { what: '404', path: graph, answer: answer(404), code: 'model-file-missing', says: /no onnx\/model\.onnx/ },
  { what: '404', path: 'config.json', answer: answer(404), code: 'config-missing', says: /Copy config\.json/ },
  { what: '404', path: 'tokenizer.json', answer: answer(404), code: 'tokenizer-missing', says: /Save the tokenizer/ },
  { what: '404', path: 'onnx/w.bin', answer: answer(404), code: 'external-data-missing', says: /copy it beside the graph/ },
  { what: '200 with a page', path: graph, answer: answer(200, page, { 'content-type': 'text/html' }), code: 'model-html-response', says: /fallback/ },
  { what: '200 with a page', path: 'tokenizer.json', answer: answer(200, page), code: 'model-html-response', says: /fallback/ },
  { what: '200 with a page', path: 'onnx/w.bin', answer: answer(200, page), code: 'model-html-response', says: /fallback/ },
  { what: '401', path: graph, answer: answer(401), code: 'model-gated', says: /refuses onnx\/model\.onnx/ },
  { what: '403', path: 'config.json', answer: answer(403), code: 'model-gated', says: /refuses config\.json/ },
  { what: 'an LFS pointer', path: graph, answer: answer(200, `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 1\n`), code: 'model-lfs-pointer', says: /git lfs pull/ },
  { what: 'a body that always breaks off', path: graph, answer: cut, code: 'network', says: /onnx\/model\.onnx/ },
  { what: 'half of it', path: graph, answer: answer(200, whole.subarray(0, 9000)), code: 'model-corrupt', onHub: 'network', says: /onnx\/model\.onnx/ },
  { what: '500', path: graph, answer: answer(500), code: 'network', says: /answered 500/ },
]

function load(id: string, options: Partial<LoadFilesOptions> = {}): Promise<ModelFiles> {
  const source = resolveModel(id, { baseURL: 'https://app.example/', hubURL: hub.url })
  return loadModelFiles(source, { device: 'wasm', adapterFeatures: [], download: { backoffMs: 1, retries: 2 }, ...options })
}

const places = [
  ['a path', () => `${hub.url}/org/model/resolve/main`],
  ['a Hub id', () => 'org/model'],
] as const

describe.each(places)('a model at %s, hosted badly', (kind, idOf) => {
  it('is there before', async () => {
    expect((await load(idOf())).graph.externalData).toHaveLength(1)
  })

  it.each(hosting)('$what for $path is $code', async ({ path, answer, code, onHub = code, says }) => {
    faults[path] = answer
    await expect(load(idOf())).rejects.toMatchObject({ name: 'LLMError', code: kind === 'a Hub id' ? onHub : code, message: expect.stringMatching(says) as string })
  })

  it('ranges that were packed are never joined, and cost a download from the beginning', async () => {
    let requests = 0
    faults[graph] = (response, request) => (request.server === 'cdn' && ++requests > 2 ? false : mangled(response, request))
    expect(Buffer.compare((await load(idOf())).graph.bytes, whole)).toBe(0)
    expect(requests).toBeGreaterThan(2)
  })

  it('a graph over 2 GB is refused before it is read', async () => {
    await expect(load(idOf(), { fetch: declared })).rejects.toMatchObject({ code: 'model-too-large', subject: graph })
  })

  it('a file that no memory holds is out-of-memory', async () => {
    const noRoom = (): never => {
      throw new RangeError('Array buffer allocation failed')
    }
    await expect(load(idOf(), { place: noRoom })).rejects.toMatchObject({ name: 'LLMError', code: 'out-of-memory' })
  })
})

// Two GB that nobody has or sends.
const declared: NonNullable<LoadFilesOptions['fetch']> = async (url, init) => {
  if (url.endsWith('.onnx')) return new Response(whole as Uint8Array<ArrayBuffer>, { headers: { 'content-length': String(2 ** 31) } })
  const response = await fetch(url, init)
  if (!url.includes('/tree/')) return response
  const listed = (await response.json()) as { path: string }[]
  return Response.json(listed.map((file) => (file.path === graph ? { ...file, size: 2 ** 31 } : file)))
}

describe('where there is no room', () => {
  it('a Hub model runs from memory, with quota-exceeded as a warning', async () => {
    const storage = new NodeStorage(join(folder.path, '.storage'))
    storage.put = (_key, path) => Promise.reject(storageError(new DOMException('full', 'QuotaExceededError'), path))
    const warnings: string[] = []
    await load('org/model', { storage, onWarning: ({ code }) => warnings.push(code) })
    expect(new Set(warnings)).toEqual(new Set(['quota-exceeded']))
  })
})

describe('docs', () => {
  const codes = [...new Set(hosting.map(({ code }) => code)), 'cors-blocked', 'mixed-content', 'model-too-large', 'out-of-memory', 'quota-exceeded']

  it.each(codes)('say of %s what to do, and list it', (code) => {
    const section = docs('errors.md').split(/^### /m).find((text) => text.startsWith(`\`${code}\``))
    expect(section).toContain('**Do:**')
    expect(docs('reliability.md')).toContain(`errors.md#${code})`)
  })
})
