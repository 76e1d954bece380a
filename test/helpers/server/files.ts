import { createReadStream, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
}

/**
 * Answers `request` with the file at `urlPath` under `folder`, ranges and revalidation included.
 * Returns false, with nothing sent, where there is no such file.
 */
export function sendFile(folder: string, urlPath: string, request: IncomingMessage, response: ServerResponse): boolean {
  const file = path.join(folder, path.normalize(decodeURIComponent(urlPath)))
  const stats = file.startsWith(folder) ? statSync(file, { throwIfNoEntry: false }) : undefined
  if (!stats?.isFile()) return false

  const etag = `"${stats.size.toString(16)}-${Math.trunc(stats.mtimeMs).toString(16)}"`
  response.setHeader('Content-Type', contentTypes[path.extname(file)] ?? 'application/octet-stream')
  response.setHeader('Accept-Ranges', 'bytes')
  response.setHeader('ETag', etag)
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end()
    return true
  }

  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  const start = range ? Number(range[1]) : 0
  const end = Math.min(range?.[2] ? Number(range[2]) : stats.size - 1, stats.size - 1)
  if (range && start > end) {
    response.writeHead(416, { 'Content-Range': `bytes */${stats.size}` }).end()
    return true
  }
  response.writeHead(range ? 206 : 200, {
    'Content-Length': stats.size === 0 ? 0 : end - start + 1,
    ...(range && { 'Content-Range': `bytes ${start}-${end}/${stats.size}` }),
  })
  if (request.method === 'HEAD' || stats.size === 0) response.end()
  else createReadStream(file, { start, end }).pipe(response)
  return true
}
