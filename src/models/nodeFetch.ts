import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** `fetch` that also serves `file:` URLs, as a web server would. For Node only. */
export async function nodeFetch(url: string, init: RequestInit = {}): Promise<Response> {
  if (!url.startsWith('file:')) return fetch(url, init)
  init.signal?.throwIfAborted()
  const path = fileURLToPath(url)
  const size = await fileSize(path)
  if (size === undefined) return new Response(null, { status: 404 })
  const headers = { 'content-length': String(size) }
  if (init.method === 'HEAD') return new Response(null, { headers })
  const stream = createReadStream(path, { signal: init.signal ?? undefined, highWaterMark: 1024 * 1024 })
  return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, { headers })
}

async function fileSize(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path)
    return found.isFile() ? found.size : undefined
  } catch (error) {
    const { code } = error as { code?: unknown }
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}
