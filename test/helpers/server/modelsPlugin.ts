import type { Plugin } from 'vite'
import { sendFile } from './files.js'

/** Serves `folder` at `/models/` in Vite's dev server: binary types, ranges, and a 404 where a file is missing. */
export function modelsPlugin(folder: string): Plugin {
  return {
    name: 'serve-models',
    configureServer(server) {
      server.middlewares.use('/models', (request, response) => {
        response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
        const urlPath = new URL(request.url ?? '/', 'http://localhost').pathname
        if (!sendFile(folder, urlPath, request, response)) response.writeHead(404).end()
      })
    },
  }
}
