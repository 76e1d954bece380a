// Serves folders to the benchmark's page.
import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'

const types = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.json': 'application/json', '.wasm': 'application/wasm' }

/**
 * @param {Record<string, string>} folders by URL prefix; the first that fits is taken
 * @param {{ isolated?: boolean }} [options] whether pages get the headers that threads need; they do
 */
export async function serve(folders, { isolated = true } = {}) {
  const server = createServer((request, response) => {
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    }
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const found = Object.entries(folders).find(([prefix]) => pathname.startsWith(prefix))
    const inside = found && pathname.slice(found[0].length)
    const file = found && path.join(found[1], path.normalize(`/${inside || 'index.html'}`))
    const stats = file && statSync(file, { throwIfNoEntry: false })
    if (!stats?.isFile()) return response.writeHead(404).end()
    // Code has hashed names and is kept by browsers; models are kept by who loads them.
    const isCode = ['.js', '.mjs', '.wasm'].includes(path.extname(file))
    response.setHeader('Cache-Control', isCode ? 'max-age=3600' : 'no-store')
    response.writeHead(200, { 'Content-Type': types[path.extname(file)] ?? 'application/octet-stream', 'Content-Length': stats.size })
    createReadStream(file).pipe(response)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://localhost:${server.address().port}/`, close: () => server.close() }
}
