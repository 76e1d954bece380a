import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { startHub } from '../../hub/server.js'
import { modelFolder, onnxGraph, TemporaryFolder } from '../../hub/tinyModel.js'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FakeHub } from '../../hub/server.js'

/** Answers a request for the graph's bytes; false leaves it to the server. `body` are the bytes that were asked for. */
export type Fault = (request: IncomingMessage, response: ServerResponse, body: AskedBytes) => boolean

/** What a request asks for. */
export interface AskedBytes {
  /** The whole file. */
  file: Uint8Array
  /** Offset of the first byte asked for; 0 for requests without a range. */
  start: number
  etag: string
}

/** The graph that every test downloads. */
export const graphPath = 'onnx/model_quantized.onnx'

/** A Hub with one model, that can be told to behave badly when the graph is asked for. */
export class FaultHub {
  readonly #folder: TemporaryFolder
  readonly #hub: FakeHub
  #graph: Uint8Array
  /** What goes wrong; undefined for nothing. */
  fault: Fault | undefined

  private constructor(folder: TemporaryFolder, hub: FakeHub, graph: Uint8Array) {
    this.#folder = folder
    this.#hub = hub
    this.#graph = graph
  }

  /**
   * @param options.listing false for a mirror that has no listing, so that only its answers tell the version.
   * @param options.model a real model in place of a made one of `size` bytes, and the graph of it that will be asked for.
   */
  static async start({ size = 300_000, listing = true, model }: { size?: number; listing?: boolean; model?: { folder: string; graph: string } } = {}): Promise<FaultHub> {
    const folder = await TemporaryFolder.create()
    const graph = model ? new Uint8Array(await readFile(path.join(model.folder, model.graph))) : onnxGraph(size)
    if (model) await folder.link('org/model', model.folder)
    else {
      const { 'onnx/model.onnx': _fp32, ...rest } = modelFolder()
      await folder.write('org/model', { ...rest, [graphPath]: graph })
    }
    const reached: { server?: FaultHub } = {}
    const hub = await startHub({ directory: folder.path, listing, intercept: (...seen) => reached.server?.answers(...seen) ?? false })
    return (reached.server = new FaultHub(folder, hub, graph))
  }

  get url(): string {
    return this.#hub.url
  }

  get size(): number {
    return this.#graph.length
  }

  get sha256(): string {
    return createHash('sha256').update(this.#graph).digest('hex')
  }

  /** Offsets at which the graph was asked for, and forgets them. */
  takeStarts(): number[] {
    const asked = this.#hub.requests.filter(({ server, path, method }) => server === 'cdn' && method === 'GET' && path.includes('.onnx'))
    this.#hub.requests.length = 0
    return asked.map(({ range }) => startOf(range))
  }

  get requestCount(): number {
    return this.#hub.requests.length
  }

  /** The graph of a new version of the repository. */
  async replaceGraph(): Promise<void> {
    this.#graph = Uint8Array.from(this.#graph)
    this.#graph.fill(77, -1000)
    await this.#folder.write('org/model', { [graphPath]: this.#graph })
  }

  async close(): Promise<void> {
    await this.#hub.close()
    await this.#folder.remove()
  }

  answers(request: IncomingMessage, response: ServerResponse, server: 'hub' | 'cdn'): boolean {
    if (server !== 'cdn' || request.method !== 'GET' || request.url?.includes('.onnx') !== true) return false
    const etag = `"${this.sha256}"`
    return this.fault?.(request, response, { file: this.#graph, start: startOf(request.headers.range), etag }) ?? false
  }
}

function startOf(range: string | undefined): number {
  return Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0)
}

/** Sends the head of the right answer. */
function begin(response: ServerResponse, { file, start, etag }: AskedBytes, headers: Record<string, string> = {}): void {
  const range: Record<string, string> = start > 0 ? { 'content-range': `bytes ${start}-${file.length - 1}/${file.length}` } : {}
  const usual = { 'accept-ranges': 'bytes', 'content-type': 'application/octet-stream', etag, 'content-length': String(file.length - start) }
  response.writeHead(start > 0 ? 206 : 200, { ...usual, ...range, ...headers })
}

/** Runs `fault` for the first `times` requests. */
export function first(times: number, fault: Fault): Fault {
  let left = times
  return (...seen) => left-- > 0 && fault(...seen)
}

/** One fault for each request; the last one for all that follow. `undefined` is none. */
export function inTurn(...faults: (Fault | undefined)[]): Fault {
  const left = [...faults]
  return (...seen) => (left.length > 1 ? left.shift() : left[0])?.(...seen) ?? false
}

/** Breaks the connection off when the file has been sent up to `offset`. */
export function cutAt(offset: number): Fault {
  return (_request, response, asked) => {
    begin(response, asked)
    response.write(asked.file.subarray(asked.start, Math.max(offset, asked.start)), () => destroySoon(response))
    return true
  }
}

// Browsers drop what they have not handed on yet when a connection breaks.
function destroySoon(response: ServerResponse): void {
  setTimeout(() => response.destroy(), 40)
}

/** Breaks the connection off without an answer. */
export const reset: Fault = (request) => {
  request.socket.resetAndDestroy()
  return true
}

/** Sends a part and then nothing more, with the connection open. */
export function stallAt(offset: number): Fault {
  return (_request, response, asked) => {
    begin(response, asked)
    response.write(asked.file.subarray(asked.start, Math.max(offset, asked.start)))
    return true
  }
}

/** Sends a part, and the rest when `released` is settled. */
export function holdAt(offset: number, released: Promise<unknown>): Fault {
  return (_request, response, asked) => {
    begin(response, asked)
    response.write(asked.file.subarray(asked.start, Math.max(offset, asked.start)))
    void released.then(() => response.end(asked.file.subarray(Math.max(offset, asked.start))))
    return true
  }
}

/** Sends everything, slowly. */
export function drip(bytes: number, pauseMs: number): Fault {
  return (_request, response, asked) => {
    begin(response, asked)
    let at = asked.start
    const next = (): void => {
      if (response.destroyed) return
      if (at >= asked.file.length) return void response.end()
      response.write(asked.file.subarray(at, (at += bytes)))
      setTimeout(next, pauseMs)
    }
    next()
    return true
  }
}

/** Answers with a status and nothing else. */
export function status(code: number, headers: Record<string, string> = {}): Fault {
  return (_request, response) => {
    response.writeHead(code, headers).end()
    return true
  }
}

/** Sends everything with one byte changed. */
export function flip(at: number): Fault {
  return (_request, response, asked) => {
    const damaged = Uint8Array.from(asked.file)
    damaged[at] = (damaged[at] ?? 0) ^ 4
    begin(response, asked)
    response.end(damaged.subarray(asked.start))
    return true
  }
}

/** Knows no ranges: sends the whole file, whatever was asked for. */
export const withoutRanges: Fault = (_request, response, asked) => {
  begin(response, { ...asked, start: 0 })
  response.end(asked.file)
  return true
}

/** Refuses every range. */
export const rangeRefused: Fault = (_request, response, { file, start }) => {
  if (start === 0) return false
  response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end()
  return true
}

/** Does not say how long the file is. */
export const withoutLength: Fault = (_request, response, { file, start, etag }) => {
  const range: Record<string, string> = start > 0 ? { 'content-range': `bytes ${start}-${file.length - 1}/*` } : {}
  response.writeHead(start > 0 ? 206 : 200, { etag, ...range })
  response.write(file.subarray(start, start + 50_000))
  response.end(file.subarray(start + 50_000))
  return true
}

/** Packs what it sends, the pieces of a range as well: these cannot be joined with anything. */
export const gzipped: Fault = (_request, response, asked) => {
  const packed = gzipSync(asked.file).subarray(asked.start)
  begin(response, asked, { 'content-encoding': 'gzip', 'content-length': String(packed.length), etag: `W/${asked.etag}` })
  response.end(packed)
  return true
}

/** Packs the file and breaks off in the middle. */
export const gzippedAndCut: Fault = (_request, response, asked) => {
  const packed = gzipSync(asked.file)
  begin(response, { ...asked, start: 0 }, { 'content-encoding': 'gzip', 'content-length': String(packed.length), etag: `W/${asked.etag}` })
  response.write(packed.subarray(0, packed.length >> 1), () => response.destroy())
  return true
}
