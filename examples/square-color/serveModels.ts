import { createReadStream, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import type { Connect, Plugin } from 'vite'

/**
 * Serves the repository's other models at /models, for `?model=`. An app of your own puts models into
 * public/models and needs no such plugin; the embedded one comes with edgeLLM({ embeddedModel: true }).
 */
export function serveModels(folder: string): Plugin {
  const use = ({ middlewares }: { middlewares: Connect.Server }) => {
    middlewares.use('/models', (request, response, next) => sendFile(folder, request, response, next))
  }
  return { name: 'serve-models', configureServer: use, configurePreviewServer: use }
}

function sendFile(folder: string, request: IncomingMessage, response: ServerResponse, next: () => void) {
  const inside = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
  const file = path.join(folder, path.posix.normalize(inside))
  const stats = statSync(file, { throwIfNoEntry: false })
  if (!stats?.isFile()) return next()
  const type = file.endsWith('.json') ? 'application/json' : 'application/octet-stream'
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': stats.size, 'Last-Modified': stats.mtime.toUTCString() })
  if (request.method === 'HEAD') return response.end()
  createReadStream(file).pipe(response)
}
