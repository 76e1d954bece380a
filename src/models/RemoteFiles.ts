import { isLLMError } from '../errors/index.js'
import { Connection } from './download/Connection.js'
import { parseContentRange } from './download/contentRange.js'
import { isTransientStatus, retryAfter, TransientFailure } from './download/TransientFailure.js'
import { isStrong, validatorOf } from './download/Validator.js'
import { whyUnanswered } from './download/whyUnanswered.js'
import { isSameOrigin } from './download/origins.js'
import { modelNotFound, htmlInstead, refused, throwIfAborted, unreachable } from './loadErrors.js'
import { RemoteBody } from './RemoteBody.js'
import type { DownloadSettings } from './download/DownloadSettings.js'
import type { Patience } from './download/Patience.js'
import type { FetchLike, ModelSource } from './types.js'

/** What {@link RemoteFiles} asks with. */
export interface RemoteOptions {
  fetch: FetchLike
  signal: AbortSignal | undefined
  /** The browser's own HTTP cache. */
  cache: RequestCache
  settings: DownloadSettings
  patience: Patience
}

/** From where on a file is asked for. */
export interface RangeStart {
  /** Offset in bytes; 0 asks for the whole file. */
  from: number
  /** The version that the bytes before are of. */
  validator: string | undefined
}

/** Where the Hub's own interface is ill, a model can be found without it. */
const listingRetries = 1

/** Asks a model's server for files and tells what is wrong with an answer. Stores nothing. */
export class RemoteFiles {
  readonly #source: ModelSource
  readonly #options: RemoteOptions
  /** URLs that gave an answer. */
  readonly #answered = new Set<string>()

  constructor(source: ModelSource, options: RemoteOptions) {
    this.#source = source
    this.#options = options
  }

  /**
   * A file's bytes from an offset on, once; the server decides where they really begin. Undefined where there is no file.
   * @throws LLMError `model-html-response`, `model-gated`, `network`, `load-aborted`; TransientFailure where another attempt may help
   */
  async open(path: string, { from, validator: known }: RangeStart): Promise<RemoteBody | 'range-refused' | undefined> {
    const url = this.#source.url(path)
    const headers: Record<string, string> = {}
    if (from > 0) headers.Range = `bytes=${from}-`
    // A page of another origin would have to ask for permission to send it; there the answer's validator tells.
    if (from > 0 && known !== undefined && isStrong(known) && isSameOrigin(url)) headers['If-Range'] = known
    const connection = new Connection(this.#options.signal, this.#options.settings.stallMs)
    try {
      const response = await this.#fetch(url, { method: 'GET', headers }, connection)
      if (from > 0 && response.status === 416) {
        connection.close()
        return 'range-refused'
      }
      if (!this.#exists(path, response)) {
        connection.close()
        return undefined
      }
      const range = response.status === 206 ? parseContentRange(response.headers.get('content-range')) : undefined
      // Pages of other origins see no Content-Range unless the server shows it to them.
      const start = range?.start ?? (response.status === 206 ? from : 0)
      const validator = validatorOf(response)
      return new RemoteBody(response, { source: this.#source, path, start, total: range?.total, validator, showsHeaders: isSameOrigin(url), connection })
    } catch (error) {
      connection.close()
      throw error
    }
  }

  /** Size of a file without reading it; undefined where there is none. `size` is undefined when the server does not tell. */
  async probe(path: string): Promise<{ size: number | undefined } | undefined> {
    return this.#options.patience.run(async () => {
      const response = await this.#ask(this.#source.url(path), 'HEAD')
      // Some servers know no HEAD: then only the GET can tell.
      if (response.status === 405 || response.status === 501) return { size: undefined }
      if (!this.#exists(path, response)) return undefined
      if (RemoteBody.isHTML(response)) throw htmlInstead(this.#source, path, this.#source.url(path))
      const linked = Number(response.headers.get('x-linked-size') ?? Number.NaN)
      return { size: Number.isSafeInteger(linked) ? linked : RemoteBody.lengthOf(response) }
    })
  }

  /** A GET at the Hub's own interface, e.g. its file listing. Any status that will last is an answer. */
  async askHub(url: string): Promise<Response> {
    return this.#options.patience.run(async () => {
      const response = await this.#ask(url, 'GET')
      if (isTransientStatus(response.status)) throw this.#transient(url, response)
      return response
    }, listingRetries)
  }

  /** Whether the answer is a file. Frees the connection where it is none. */
  #exists(path: string, response: Response): boolean {
    if (response.ok) return true
    void response.body?.cancel().catch(() => undefined)
    const { status } = response
    if (status === 404 || status === 410) {
      const code = response.headers.get('x-error-code')
      if (code === 'RepoNotFound' || code === 'RevisionNotFound') throw modelNotFound(this.#source)
      return false
    }
    throw isTransientStatus(status) ? this.#transient(path, response) : refused(this.#source, path, response)
  }

  #transient(path: string, response: Response): TransientFailure {
    return new TransientFailure(refused(this.#source, path, response), retryAfter(response, Date.now()))
  }

  async #ask(url: string, method: 'GET' | 'HEAD'): Promise<Response> {
    const connection = new Connection(this.#options.signal, this.#options.settings.stallMs)
    const response = await this.#fetch(url, { method }, connection)
    if (method === 'HEAD') return response
    // A listing is small: reading it here keeps it under the stall timeout.
    const text = await connection.next(response.text()).catch((error: unknown) => {
      throw new TransientFailure(unreachable(url, error))
    })
    connection.close()
    return new Response(text, { status: response.status, headers: response.headers })
  }

  async #fetch(url: string, request: { method: 'GET' | 'HEAD'; headers?: Record<string, string> }, connection: Connection): Promise<Response> {
    const { fetch, signal, cache, patience } = this.#options
    throwIfAborted(signal)
    const init: RequestInit = { ...request, cache, signal: connection.signal }
    const { hubToken, hubURL } = this.#source
    // A redirect to another origin drops this header: the token never reaches the CDN behind the Hub.
    if (hubToken !== undefined && hubURL !== undefined && url.startsWith(`${hubURL}/`)) {
      init.headers = { ...request.headers, Authorization: `Bearer ${hubToken}` }
    }
    try {
      const response = await connection.next(fetch(url, init))
      patience.answered()
      this.#answered.add(url)
      return response
    } catch (error) {
      throwIfAborted(signal)
      if (isLLMError(error)) throw error
      throw await whyUnanswered(url, error, this.#answered.has(url) || connection.isStalled, fetch)
    }
  }
}
