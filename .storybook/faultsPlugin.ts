import type { Plugin } from 'vite'

/** A server that fails in the ways the error stories show: an HTML page for every file, a gated Hub, a broken line. */
export function faultsPlugin(): Plugin {
  return {
    name: 'faults',
    configureServer(server) {
      server.middlewares.use('/faults/html-page', (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html' })
        response.end('<!doctype html><title>My app</title><div id="root"></div>')
      })
      server.middlewares.use('/faults/gated-hub', (_request, response) => {
        response.writeHead(401, { 'Content-Type': 'application/json', 'X-Error-Code': 'GatedRepo' })
        response.end('{"error":"Access to this model is restricted."}')
      })
      server.middlewares.use('/faults/cut-line', (request) => {
        request.socket.destroy()
      })
    },
  }
}
