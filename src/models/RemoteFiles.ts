import { isLLMError } from '../errors/index.js'
import {
  brokenOff,
  cutShort,
  corruptFile,
  graphTooLarge,
  htmlInstead,
  lfsPointer,
  loadAborted,
  maxGraphBytes,
  modelNotFound,
  refused,
  throwIfAborted,
  unreachable,
} from './loadErrors.js'
import { readBody } from './readBody.js'
import type { FetchLike, ModelSource } from './types.js'

/** What {@link RemoteFiles} asks with. */
export interface RemoteOptions {
  fetch: FetchLike
  signal: AbortSignal | undefined
  /** The browser's own HTTP cache. */
  cache: RequestCache
}

/** What is known of a file before it is read. */
export interface FileExpectation {
  /** Its true size in bytes, from a listing or manifest. */
  size?: number
  /** Whether it is an ONNX graph, which has a largest size. */
  isGraph?: boolean
  /** Called once with the size, as soon as it is known; with undefined when the server does not tell. */
  onSize?: (size: number | undefined) => void
  onBytes?: (count: number) => void
  /** Gives the memory for the file, once its size is known. Default: a buffer of its own. */
  place?: ((size: number) => Uint8Array) | undefined
}

const lfsMark = 'version https://git-lfs.github.com/spec/'

/** Fetches a model's files and tells what is wrong with an answer. Stores nothing. */
export class RemoteFiles {
  readonly #source: ModelSource
  readonly #options: RemoteOptions

  constructor(source: ModelSource, options: RemoteOptions) {
    this.#source = source
    this.#options = options
  }

  /**
   * The whole file, or undefined where there is none.
   * @throws LLMError `model-html-response`, `model-gated`, `model-corrupt`, `model-too-large`, `network`, `load-aborted`
   */
  async read(path: string, expected: FileExpectation = {}): Promise<Uint8Array | undefined> {
    refuseTooLarge(path, expected, expected.size)
    const response = await this.#ask(path, 'GET')
    if (response === undefined) return undefined
    const told = bodyLength(response)
    const size = expected.size ?? told
    try {
      refuseTooLarge(path, expected, size)
      expected.onSize?.(size)
      const bytes = await this.#body(response, path, size, expected)
      if (told !== undefined && bytes.length < told) throw cutShort(path, bytes.length, told)
      if (expected.size !== undefined && bytes.length !== expected.size) {
        throw corruptFile(path, `has ${bytes.length} bytes where ${expected.size} were announced.`)
      }
      return bytes
    } catch (error) {
      void response.body?.cancel().catch(() => undefined)
      throw this.#typed(error, path)
    }
  }

  /** Size of a file without reading it; undefined where there is none. `size` is undefined when the server does not tell. */
  async probe(path: string): Promise<{ size: number | undefined } | undefined> {
    const response = await this.#ask(path, 'HEAD')
    if (response === undefined) return undefined
    if (!response.ok) return { size: undefined }
    if (isHTMLType(response)) throw htmlInstead(this.#source, path, this.#source.url(path))
    const linked = Number(response.headers.get('x-linked-size') ?? Number.NaN)
    return { size: Number.isSafeInteger(linked) ? linked : bodyLength(response) }
  }

  /** A GET at the Hub's own interface, e.g. its file listing. Any status is an answer. */
  async askHub(url: string): Promise<Response> {
    return this.#fetch(url, 'GET')
  }

  async #ask(path: string, method: 'GET' | 'HEAD'): Promise<Response | undefined> {
    const response = await this.#fetch(this.#source.url(path), method)
    // Some servers know no HEAD: then only the GET can tell.
    if (response.ok || (method === 'HEAD' && (response.status === 405 || response.status === 501))) return response
    void response.body?.cancel().catch(() => undefined)
    if (response.status === 404 || response.status === 410) {
      const code = response.headers.get('x-error-code')
      if (code === 'RepoNotFound' || code === 'RevisionNotFound') throw modelNotFound(this.#source)
      return undefined
    }
    throw refused(this.#source, path, response)
  }

  async #fetch(url: string, method: 'GET' | 'HEAD'): Promise<Response> {
    const { fetch, signal, cache } = this.#options
    throwIfAborted(signal)
    const init: RequestInit = { method, cache }
    if (signal) init.signal = signal
    const { hubToken, hubURL } = this.#source
    // A redirect to another origin drops this header: the token never reaches the CDN behind the Hub.
    if (hubToken !== undefined && hubURL !== undefined && url.startsWith(`${hubURL}/`)) {
      init.headers = { Authorization: `Bearer ${hubToken}` }
    }
    try {
      return await fetch(url, init)
    } catch (error) {
      if (signal?.aborted) throw loadAborted()
      throw isLLMError(error) ? error : unreachable(url, error)
    }
  }

  async #body(
    response: Response,
    path: string,
    size: number | undefined,
    { onBytes, place }: FileExpectation,
  ): Promise<Uint8Array> {
    const stream: ReadableStream<Uint8Array> = response.body ?? new Blob([]).stream()
    return readBody(stream, {
      size,
      place,
      signal: this.#options.signal,
      ...(onBytes && { onBytes }),
      inspect: (head) => {
        const text = new TextDecoder('latin1').decode(head).replace(/^(?:\u00ef\u00bb\u00bf|\s)+/, '')
        if (looksLikeHTML(text, response)) throw htmlInstead(this.#source, path, this.#source.url(path))
        if (text.startsWith(lfsMark)) throw lfsPointer(path)
      },
    })
  }

  #typed(error: unknown, path: string): unknown {
    if (isLLMError(error)) return error
    return this.#options.signal?.aborted ? loadAborted() : brokenOff(path, error)
  }
}

function refuseTooLarge(path: string, { isGraph }: FileExpectation, size: number | undefined): void {
  if (isGraph && size !== undefined && size > maxGraphBytes) throw graphTooLarge(path, size)
}

function looksLikeHTML(text: string, response: Response): boolean {
  return /^<(?:!doctype\s+html|html[\s>])/i.test(text) || (isHTMLType(response) && text.startsWith('<'))
}

function isHTMLType(response: Response): boolean {
  return /^\s*text\/html\b/i.test(response.headers.get('content-type') ?? '')
}

// With a content encoding, Content-Length counts the encoded bytes.
function bodyLength(response: Response): number | undefined {
  const encoding = response.headers.get('content-encoding')
  if (encoding !== null && encoding !== 'identity') return undefined
  const header = response.headers.get('content-length')
  if (header === null || !/^\d+$/.test(header)) return undefined
  const length = Number(header)
  return Number.isSafeInteger(length) ? length : undefined
}
