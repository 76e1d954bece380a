import { listStoredModels, loadModelFiles, resolveModel } from '../../../src/models/index.js'
import { entryKind } from '../../../src/models/storage/PieceRecord.js'
import type { LoadFilesOptions, ModelStorage, StoredModel } from '../../../src/models/index.js'

/** One load, as plain data, so that it can be asked of a page. */
export interface DownloadRequest {
  hubURL: string
  /** Pins of files. */
  sha256?: Record<string, string>
  /** Ends the load when so many pieces of the graph have been stored. */
  abortAfterPieces?: number
  /** So many files are stored, then there is no room left. */
  roomFor?: number
  download?: LoadFilesOptions['download']
}

/** How a load went, as plain data. */
export interface DownloadReport {
  /** SHA-256 of the graph that came out, by Web Crypto. */
  sha256?: string
  error?: { code: string; subject: string | undefined; recoverable: boolean }
  warnings: string[]
  /** Bytes of the graph that came over the network. */
  received: number
  progress: { isMonotone: boolean; last: number; highestRate: number; firstLoaded: number }
}

const modelId = 'org/model'

/** Loads the fault server's model, and says all that a test asks; `onReceived` hears of the graph's bytes as they come. */
export async function runDownload(request: DownloadRequest, storage: ModelStorage, onReceived: (bytes: number) => void = () => undefined): Promise<DownloadReport> {
  const controller = new AbortController()
  const report: DownloadReport = {
    warnings: [],
    received: 0,
    progress: { isMonotone: true, last: 0, highestRate: 0, firstLoaded: 0 },
  }
  let loaded = 0
  let fraction = 0
  const options: LoadFilesOptions = {
    device: 'wasm',
    adapterFeatures: [],
    storage: storageFor(request, storage, () => controller.abort()),
    signal: controller.signal,
    download: { pieceBytes: 32 * 1024, backoffMs: 5, stallMs: 5000, ...request.download },
    fetch: async (url, init) => counted(await fetch(url, init), url, (count) => onReceived((report.received += count))),
    onWarning: ({ code }) => report.warnings.push(code),
    onProgress: (event) => {
      const { progress } = report
      progress.isMonotone &&= event.loaded >= loaded && event.fraction >= fraction && event.total >= event.loaded
      ;({ loaded, fraction } = event)
      progress.last = fraction
      progress.highestRate = Math.max(progress.highestRate, event.bytesPerSecond)
      if (report.received === 0) progress.firstLoaded = loaded
    },
  }
  try {
    const source = resolveModel({ id: modelId, sha256: request.sha256 }, { baseURL: 'https://app.example/', hubURL: request.hubURL })
    const { graph } = await loadModelFiles(source, options)
    report.sha256 = await sha256(graph.bytes)
  } catch (error) {
    const { code, subject, recoverable } = error as { code: string; subject: string | undefined; recoverable: boolean }
    if (code === undefined) throw error
    report.error = { code, subject, recoverable }
  }
  return report
}

/** What is stored of the model: the list, and the SHA-256 of every file that a reader would get. */
export async function readStoredModel(storage: ModelStorage): Promise<{ model: StoredModel | undefined; sha256: Record<string, string> }> {
  const [model] = await listStoredModels({ storage })
  const hashes: Record<string, string> = {}
  for (const { path } of model?.files ?? []) {
    const file = await storage.match(`${modelId}@main`, path)
    if (file) hashes[path] = await sha256(new Uint8Array(await new Response(file.stream()).arrayBuffer()))
  }
  return { model, sha256: hashes }
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The same answer; the bytes of a graph are counted as they are read. */
function counted(response: Response, url: string, count: (bytes: number) => void): Response {
  if (!url.includes('.onnx') || !response.body) return response
  const body = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        count(chunk.length)
        controller.enqueue(chunk)
      },
    }),
  )
  return new Response(body, { status: response.status, headers: response.headers })
}

/** The storage that a request asks for. */
function storageFor({ roomFor, abortAfterPieces }: DownloadRequest, storage: ModelStorage, abort: () => void): ModelStorage {
  if (roomFor === undefined && abortAfterPieces === undefined) return storage
  let files = roomFor ?? Infinity
  let pieces = abortAfterPieces ?? Infinity
  return {
    name: storage.name,
    match: (key, path) => storage.match(key, path),
    list: () => storage.list(),
    delete: (key, path) => storage.delete(key, path),
    async put(key, path, bytes, options) {
      if (files-- <= 0) throw new DOMException('No room', 'QuotaExceededError')
      await storage.put(key, path, bytes, options)
      if (entryKind(path).kind === 'piece' && --pieces === 0) abort()
    },
  }
}
