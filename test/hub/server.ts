import { createServer } from 'node:http'
import { readdir, stat } from 'node:fs/promises'
import { join, normalize, relative, sep } from 'node:path'
import { ContentHashes, sendFile } from './RangeFile.js'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as a server saw it. */
export interface SeenRequest {
  server: 'hub' | 'cdn'
  method: string
  /** Path with query. */
  path: string
  authorization: string | undefined
  range: string | undefined
}

/** How the fake Hub behaves. */
export interface HubOptions {
  /** Holds the repositories as `org/name/…`. */
  directory: string
  /** Ids of gated models with the token that opens each. */
  gated?: Record<string, string>
  /** Branches, tags and commits that exist in every repository. Default `main`. */
  revisions?: string[]
  /** Whether there is the listing at `/api/models/…/tree/…`; mirrors often have none. Default true. */
  listing?: boolean
  /** Entries on one page of the listing. Default 1000. */
  pageSize?: number
  /** Servers that send no CORS headers. Default none. */
  withoutCORS?: readonly SeenRequest['server'][]
  /** Sees every request first; answers it by returning true. For faults. */
  intercept?: (request: IncomingMessage, response: ServerResponse, server: SeenRequest['server']) => boolean
}

/** A running fake Hub. */
export interface FakeHub {
  /** Give it to the kit as `hubURL`. */
  url: string
  /** The other origin that large files come from. */
  cdnURL: string
  /** Every request so far; clear it with `requests.length = 0`. */
  requests: SeenRequest[]
  close(): Promise<void>
}

const commit = '5e3a1c0f9b7d2468ace013579bdf02468ace1357'
const exposedHeaders =
  'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-Hash'
const largeFile = /\.(?:onnx|onnx_data(?:_\d+)?|bin|safetensors)$|(?:^|\/)tokenizer\.json$/

/**
 * Starts a server that behaves like the Hugging Face Hub for public and gated models: large files
 * redirect to a second origin, small ones to a cache path of the same, errors carry `x-error-code`.
 */
export async function startHub(options: HubOptions): Promise<FakeHub> {
  const hub = new HubServer(options)
  await hub.listen()
  return hub
}

class HubServer implements FakeHub {
  readonly requests: SeenRequest[] = []
  readonly #options: HubOptions
  readonly #hashes = new ContentHashes()
  readonly #hub = createServer((request, response) => this.#serve('hub', request, response))
  readonly #cdn = createServer((request, response) => this.#serve('cdn', request, response))
  url = ''
  cdnURL = ''

  constructor(options: HubOptions) {
    this.#options = options
  }

  async listen(): Promise<void> {
    this.url = await listen(this.#hub)
    this.cdnURL = await listen(this.#cdn)
  }

  async close(): Promise<void> {
    await Promise.all([close(this.#hub), close(this.#cdn)])
  }

  #serve(server: SeenRequest['server'], request: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url: path = '/', headers } = request
    if (!this.#options.withoutCORS?.includes(server)) setCORS(request, response)
    if (method === 'OPTIONS') {
      response.writeHead(204).end()
      return
    }
    this.requests.push({ server, method, path, authorization: headers.authorization, range: headers.range })
    if (this.#options.intercept?.(request, response, server)) return
    const answer = server === 'hub' ? this.#answerHub(request, response) : this.#answerCDN(request, response)
    answer.catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500)
      response.end(String(error))
    })
  }

  async #answerHub(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url)
    const cached = /^\/api\/resolve-cache\/models\/([^/]+\/[^/]+)\/([^/]+)\/(.+)$/.exec(url.pathname)
    if (cached) return this.#sendCached(request, response, decodeAll(cached))
    const listed = /^\/api\/models\/([^/]+\/[^/]+)\/tree\/([^/]+)$/.exec(url.pathname)
    if (listed && this.#options.listing !== false) return this.#sendListing(url, response, decodeAll(listed))
    const resolved = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname)
    if (resolved) return this.#resolve(request, response, decodeAll(resolved))
    fail(response, 404, undefined, 'Not Found')
  }

  async #resolve(request: IncomingMessage, response: ServerResponse, [id, revision, path]: [string, string, string]): Promise<void> {
    if (!(await this.#isThere(response, id, revision))) return
    if (!this.#isOpen(request, id)) {
      fail(response, request.headers.authorization === undefined ? 401 : 403, 'GatedRepo', `Access to model ${id} is restricted.`)
      return
    }
    const file = this.#file(id, path)
    if (!file || !(await isFile(file))) return fail(response, 404, 'EntryNotFound', 'Entry not found')
    response.setHeader('x-repo-commit', commit)
    response.setHeader('accept-ranges', 'bytes')
    if (!largeFile.test(path)) {
      const location = `/api/resolve-cache/models/${id}/${commit}/${encodeURI(path)}`
      response.writeHead(307, { location, etag: `"${await this.#hashes.blob(file)}"` }).end()
      return
    }
    const hash = await this.#hashes.lfs(file)
    response.writeHead(302, {
      location: `${this.cdnURL}/${hash}?file=${encodeURIComponent(`${id}/${path}`)}`,
      'x-linked-etag': `"${hash}"`,
      'x-linked-size': String((await stat(file)).size),
      'content-type': 'text/plain; charset=utf-8',
    })
    response.end(`Found. Redirecting to ${this.cdnURL}`)
  }

  async #sendCached(request: IncomingMessage, response: ServerResponse, [id, , path]: [string, string, string]): Promise<void> {
    const file = this.#file(id, path)
    if (!this.#isOpen(request, id)) return fail(response, 401, 'GatedRepo', `Access to model ${id} is restricted.`)
    if (!file || !(await isFile(file))) return fail(response, 404, 'EntryNotFound', 'Entry not found')
    const type = path.endsWith('.json') ? 'application/json' : 'text/plain; charset=utf-8'
    await sendFile(request, response, file, { etag: `"${await this.#hashes.blob(file)}"`, 'content-type': type, 'x-repo-commit': commit })
  }

  async #answerCDN(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.cdnURL)
    const file = this.#file('', url.searchParams.get('file') ?? '')
    // Storage behind a signed link refuses requests that carry a second kind of credentials.
    if (request.headers.authorization !== undefined) return fail(response, 400, undefined, 'Only one auth mechanism allowed')
    if (!file || !(await isFile(file))) return fail(response, 403, undefined, 'AccessDenied')
    await sendFile(request, response, file, { etag: `"${url.pathname.slice(1)}"` })
  }

  async #sendListing(url: URL, response: ServerResponse, [id, revision]: [string, string, string]): Promise<void> {
    if (!(await this.#isThere(response, id, revision))) return
    const root = join(this.#options.directory, id)
    const recursive = url.searchParams.get('recursive') === 'true'
    const names = (await readdir(root, { recursive: true, withFileTypes: true }))
      .map((entry) => ({ entry, path: relative(root, join(entry.parentPath, entry.name)).split(sep).join('/') }))
      .filter(({ path }) => recursive || !path.includes('/'))
      .sort((a, b) => (a.path < b.path ? -1 : 1))
    const { pageSize = 1000 } = this.#options
    const start = Number(url.searchParams.get('cursor') ?? 0)
    const page = names.slice(start, start + pageSize)
    const entries = await Promise.all(
      page.map(({ entry, path }) => (entry.isFile() ? this.#listFile(join(root, path), path) : { type: 'directory', path, size: 0 })),
    )
    if (start + pageSize < names.length) {
      url.searchParams.set('cursor', String(start + pageSize))
      response.setHeader('link', `<${url.href}>; rel="next"`)
    }
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(entries))
  }

  async #listFile(file: string, path: string): Promise<object> {
    const { size } = await stat(file)
    const entry = { type: 'file', oid: await this.#hashes.blob(file), size, path }
    return largeFile.test(path) ? { ...entry, lfs: { oid: await this.#hashes.lfs(file), size, pointerSize: 134 } } : entry
  }

  async #isThere(response: ServerResponse, id: string, revision: string): Promise<boolean> {
    const folder = this.#file(id, '')
    const isRepository = folder !== undefined && (await stat(folder).catch(() => undefined))?.isDirectory() === true
    if (!isRepository) fail(response, 404, 'RepoNotFound', 'Repository not found')
    else if (![...(this.#options.revisions ?? ['main']), commit].includes(revision)) {
      fail(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`)
    } else return true
    return false
  }

  #isOpen(request: IncomingMessage, id: string): boolean {
    const token = this.#options.gated?.[id]
    return token === undefined || request.headers.authorization === `Bearer ${token}`
  }

  #file(id: string, path: string): string | undefined {
    const file = normalize(join(this.#options.directory, id, path))
    return file.startsWith(normalize(this.#options.directory + sep)) ? file : undefined
  }
}

function setCORS(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', request.headers.origin ?? '*')
  response.setHeader('vary', 'Origin')
  response.setHeader('access-control-expose-headers', exposedHeaders)
  response.setHeader('access-control-allow-methods', 'GET, HEAD, OPTIONS')
  response.setHeader('access-control-allow-headers', 'Authorization, Range, If-Range, Cache-Control, Pragma')
  // Pages that are cross-origin isolated load nothing without it.
  response.setHeader('cross-origin-resource-policy', 'cross-origin')
}

function fail(response: ServerResponse, status: number, code: string | undefined, message: string): void {
  if (code !== undefined) response.setHeader('x-error-code', code)
  response.writeHead(status, { 'x-error-message': message, 'content-type': 'text/plain; charset=utf-8' }).end(message)
}

function decodeAll(match: RegExpExecArray): [string, string, string] {
  const [, a = '', b = '', c = ''] = match.map((part) => decodeURIComponent(part ?? ''))
  return [a, b, c]
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}
