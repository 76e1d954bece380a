import { existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { copyEmbeddedModel, embeddedModelPath, findEmbeddedModel, sendModelFile } from './embeddedModel.js'

/** Options of {@link edgeLLM}. */
export interface EdgeLLMOptions {
  /**
   * Sends COOP and COEP headers, so that pages get SharedArrayBuffer and WASM gets threads. All
   * third-party resources must then be served with CORS or CORP headers. Default true.
   */
  crossOriginIsolation?: boolean
  /** URL prefixes where models are: a missing file there is a 404, never the app's start page. Default `['/models/']`. */
  modelPaths?: string[]
  /**
   * Serves the model of the package `react-edge-llm-function-caller`, which the app installs, at
   * `/models/function-caller`, and puts a copy (about 100 MB) into builds. Then `config={{}}` has a
   * model. An app with a `base` other than `/` sets `models: { onnx: base + 'models/function-caller' }`.
   * Default false.
   */
  embeddedModel?: boolean
}

type Next = () => void
type Middleware = (request: IncomingMessage, response: ServerResponse, next: Next) => void

/** The parts of Vite's servers that the plugin uses; spelled out so that the package does without Vite's types. */
interface ViteServer {
  middlewares: { use(middleware: Middleware): unknown }
  config: ResolvedConfig
}

interface ResolvedConfig {
  publicDir: string
  build: { outDir: string; ssr?: unknown }
  root: string
  base: string
}

interface EdgeLLMPlugin {
  name: string
  config(): { server: { headers: Record<string, string> }; preview: { headers: Record<string, string> } }
  configResolved(config: ResolvedConfig): void
  writeBundle(): Promise<void>
  configureServer(server: ViteServer): void
  configurePreviewServer(server: ViteServer): void
}

const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

const binaryTypes: ReadonlyMap<string, string> = new Map([
  ['.onnx', 'application/octet-stream'],
  ['.wasm', 'application/wasm'],
])

/**
 * Vite plugin: in dev and preview, serves model and WebAssembly files with binary types, answers
 * 404 for model files that are missing, and lets WASM have threads; on request it also serves the
 * embedded model and puts it into builds.
 * @throws Error when the config is resolved, for `embeddedModel` without its package.
 */
export function edgeLLM(options: EdgeLLMOptions = {}): EdgeLLMPlugin {
  const { crossOriginIsolation = true, modelPaths = ['/models/'], embeddedModel = false } = options
  let resolved: ResolvedConfig | undefined
  let model: string | undefined
  const headers = crossOriginIsolation ? isolationHeaders : {}
  return {
    name: 'react-edge-llm',
    config: () => ({ server: { headers: { ...headers } }, preview: { headers: { ...headers } } }),
    configResolved(config) {
      resolved = config
      if (embeddedModel) model = findEmbeddedModel(config.root)
    },
    async writeBundle() {
      // A server's bundle stands beside the pages' one, which has the copy.
      if (model === undefined || resolved === undefined || resolved.build.ssr) return
      await copyEmbeddedModel(model, path.resolve(resolved.root, resolved.build.outDir))
    },
    configureServer(server) {
      server.middlewares.use(modelFiles(server.config.publicDir, server.config.base, modelPaths, model))
    },
    configurePreviewServer({ middlewares, config }) {
      middlewares.use(modelFiles(path.resolve(config.root, config.build.outDir), config.base, modelPaths, undefined))
    },
  }
}

/** @param embedded folder of the embedded model, where it is not among the files of `folder` */
function modelFiles(folder: string, base: string, modelPaths: readonly string[], embedded: string | undefined): Middleware {
  return (request, response, next) => {
    const pathname = decoded(new URL(request.url ?? '/', 'http://localhost').pathname)
    const inside = pathname.startsWith(base) ? `/${pathname.slice(base.length)}` : pathname
    const type = binaryTypes.get(path.posix.extname(inside)) ?? (/\.onnx_data(_\d+)?$/.test(inside) ? 'application/octet-stream' : undefined)
    if (type) keepContentType(response, type)
    if (embedded !== undefined && inside.startsWith(embeddedModelPath)) {
      if (sendModelFile(embedded, inside.slice(embeddedModelPath.length), request, response)) return
    }
    const isModelFile = modelPaths.some((prefix) => inside.startsWith(prefix))
    if (isModelFile && !existsSync(path.join(folder, inside))) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end(`Not found: ${inside}`)
      return
    }
    next()
  }
}

/** Static file servers set their own type after us; this one wins. */
function keepContentType(response: ServerResponse, type: string): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse
  response.writeHead = ((...args: unknown[]) => {
    const isFile = args[0] === 200 || args[0] === 206
    if (isFile) response.setHeader('Content-Type', type)
    const headers = args.at(-1)
    if (isFile && typeof headers === 'object' && headers !== null) {
      for (const name of Object.keys(headers)) {
        if (name.toLowerCase() === 'content-type') (headers as Record<string, string>)[name] = type
      }
    }
    return writeHead(...args)
  })
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}
