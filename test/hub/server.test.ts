import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHub } from './server.js'
import { modelFolder, onnxGraph, TemporaryFolder } from './tinyModel.js'
import type { FakeHub } from './server.js'

// What the kit relies on in the Hub; the fake has to have it too.
describe('the fake Hub', () => {
  const graph = Buffer.from(onnxGraph(40_000))
  let folder: TemporaryFolder
  let hub: FakeHub
  let file: string

  beforeAll(async () => {
    folder = await TemporaryFolder.create()
    await folder.write('org/model', modelFolder())
    hub = await startHub({ directory: folder.path, gated: { 'org/closed': 'x' } })
    file = `${hub.url}/org/model/resolve/main/onnx/model.onnx`
  })

  afterAll(async () => {
    await hub.close()
    await folder.remove()
  })

  it('redirects large files to its second origin, with size and hash', async () => {
    const response = await fetch(file, { method: 'HEAD', redirect: 'manual' })
    expect(response.status).toBe(302)
    expect(response.headers.get('location')?.startsWith(hub.cdnURL)).toBe(true)
    expect(response.headers.get('x-linked-size')).toBe(String(graph.length))
    expect(response.headers.get('x-linked-etag')).toBe(`"${createHash('sha256').update(graph).digest('hex')}"`)
    expect(response.headers.get('x-repo-commit')).toMatch(/^[0-9a-f]{40}$/)
  })

  it('redirects small files within its own origin', async () => {
    const response = await fetch(`${hub.url}/org/model/resolve/main/config.json`, { redirect: 'manual' })
    expect(response.status).toBe(307)
    expect(response.headers.get('location')).toMatch(/^\/api\/resolve-cache\/models\/org\/model\//)
  })

  it.each([
    ['bytes=0-9', 206, 0, 10],
    ['bytes=39990-', 206, 39_990, undefined],
    ['bytes=-5', 206, -5, undefined],
    ['bytes=10-99999999', 206, 10, undefined],
    ['bytes=9-1', 416, 0, 0],
    ['bytes=99999999-', 416, 0, 0],
    ['lines=1-2', 200, 0, undefined],
  ])('answers %s with %i', async (range, status, start, end) => {
    const response = await fetch(file, { headers: { range } })
    expect(response.status).toBe(status)
    const part = graph.subarray(start, end)
    expect(Buffer.from(await response.arrayBuffer()).equals(part)).toBe(true)
    if (status === 206) expect(response.headers.get('content-range')).toMatch(new RegExp(`^bytes \\d+-\\d+/${graph.length}$`))
    if (status === 416) expect(response.headers.get('content-range')).toBe(`bytes */${graph.length}`)
  })

  it('sends the whole file when If-Range does not fit', async () => {
    const etag = (await fetch(file, { method: 'HEAD' })).headers.get('etag') ?? ''
    const ask = (ifRange: string): Promise<Response> => fetch(file, { headers: { range: 'bytes=1-2', 'if-range': ifRange } })
    expect((await ask(etag)).status).toBe(206)
    expect((await ask('"another"')).status).toBe(200)
  })

  it.each([
    ['/org/model/resolve/main/nothing.json', 404, 'EntryNotFound'],
    ['/org/model/resolve/v9/config.json', 404, 'RevisionNotFound'],
    ['/org/nothing/resolve/main/config.json', 404, 'RepoNotFound'],
    ['/org/model/resolve/main/..%2f..%2f..%2fetc%2fpasswd', 404, 'EntryNotFound'],
    ['/api/models/org/nothing/tree/main', 404, 'RepoNotFound'],
  ])('answers %s with %i %s', async (path, status, code) => {
    const response = await fetch(hub.url + path)
    expect([response.status, response.headers.get('x-error-code')]).toEqual([status, code])
  })

  it('lists files with sizes and hashes, as pages from another origin may read', async () => {
    const response = await fetch(`${hub.url}/api/models/org/model/tree/main?recursive=true`, { headers: { origin: 'https://app.example' } })
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(response.headers.get('access-control-expose-headers')).toContain('X-Linked-Size')
    expect(await response.json()).toContainEqual(
      expect.objectContaining({ type: 'file', path: 'onnx/model.onnx', size: graph.length, lfs: expect.objectContaining({ size: graph.length }) as object }),
    )
  })
})
