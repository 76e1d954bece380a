import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { sendFile } from './files.js'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

export interface ServerOptions {
  /** Folder by URL prefix; longer prefixes win. */
  folders: Record<string, string>
  /** Sends the headers that let pages have SharedArrayBuffer. Default false. */
  isolated?: boolean
  /** Sent with every answer. */
  headers?: Record<string, string>
  /** Answers in place of files, by the start of the path: for faults. */
  overrides?: Record<string, Handler>
}

export interface TestServer {
  /** Origin without a trailing slash. */
  readonly url: string
  /** Path of every request so far. */
  readonly requests: string[]
  close(): Promise<void>
}

/** The longest key of `table` that `path` starts with. */
function longestPrefix(table: Record<string, unknown>, path: string): string | undefined {
  return Object.keys(table)
    .filter((prefix) => path.startsWith(prefix))
    .sort((a, b) => b.length - a.length)[0]
}

/** A plain static server on a free port: right types, ranges, 404 for what is missing. */
export async function startServer({ folders, isolated = false, headers = {}, overrides = {} }: ServerOptions): Promise<TestServer> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    requests.push(path)
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    }
    const override = longestPrefix(overrides, path)
    if (override) return overrides[override]?.(request, response)
    const prefix = longestPrefix(folders, path)
    const inside = prefix === undefined ? undefined : `/${path.slice(prefix.length)}`
    const file = inside?.endsWith('/') ? `${inside}index.html` : inside
    if (prefix === undefined || file === undefined || !sendFile(folders[prefix] ?? '', file, request, response)) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found')
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port')
  return {
    url: `http://localhost:${address.port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
