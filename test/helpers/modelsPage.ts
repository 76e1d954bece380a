import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { AddressInfo } from 'node:net'

/** A served page that has the model layer itself as `models`, without workers and runtimes. */
export interface ModelsPage {
  url: string
  close(): void
}

export async function serveModelsPage(): Promise<ModelsPage> {
  const entry = fileURLToPath(new URL('../../src/models/index.ts', import.meta.url))
  const bundle = await build({ entryPoints: [entry], bundle: true, format: 'iife', globalName: 'models', write: false })
  const script = bundle.outputFiles[0]?.text ?? ''
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>models</title><script>${script}</script>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
