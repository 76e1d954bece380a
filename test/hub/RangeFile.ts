import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** The part of a file a `Range` header asks for; `end` is inclusive. */
interface ByteRange {
  start: number
  end: number
}

/** Reads one `Range` header: a range, `unsatisfiable`, or undefined for none or one to be ignored. */
function parseRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const [, first = '', last = ''] = match
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return start >= size || start > end ? 'unsatisfiable' : { start, end }
}

/** Answers GET and HEAD for a file with 200, 206 or 416, honouring `If-Range`. */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  headers: Record<string, string>,
): Promise<void> {
  const { size } = await stat(path)
  const etag = headers.etag
  const ifRange = request.headers['if-range']
  const range = ifRange === undefined || ifRange === etag ? parseRange(request.headers.range, size) : undefined
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...headers, 'content-range': `bytes */${size}` }).end()
    return
  }
  const { start, end } = range ?? { start: 0, end: size - 1 }
  const partial: Record<string, string> = range ? { 'content-range': `bytes ${start}-${end}/${size}` } : {}
  response.writeHead(range ? 206 : 200, {
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    ...headers,
    ...partial,
    'content-length': String(end - start + 1),
  })
  if (request.method === 'HEAD' || size === 0) {
    response.end()
    return
  }
  const stream = createReadStream(path, { start, end })
  response.on('close', () => stream.destroy())
  stream.pipe(response)
}

/** Content marks as Git and Git LFS compute them, remembered until the file changes. */
export class ContentHashes {
  readonly #known = new Map<string, string>()

  /** SHA-256 of the content, the name of a file in LFS. */
  lfs(path: string): Promise<string> {
    return this.#hash(path, 'sha256', () => '')
  }

  /** Git's SHA-1 of a blob. */
  blob(path: string): Promise<string> {
    return this.#hash(path, 'sha1', (size) => `blob ${size}\0`)
  }

  async #hash(path: string, algorithm: string, prefix: (size: number) => string): Promise<string> {
    const { size, mtimeMs } = await stat(path)
    const key = [algorithm, path, size, mtimeMs].join(' ')
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const hash = createHash(algorithm).update(prefix(size))
    const file = await open(path)
    for await (const chunk of file.createReadStream()) hash.update(chunk as Buffer)
    const digest = hash.digest('hex')
    this.#known.set(key, digest)
    return digest
  }
}
