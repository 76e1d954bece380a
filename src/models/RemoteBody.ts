import { isLLMError } from '../errors/index.js'
import { TransientFailure } from './download/TransientFailure.js'
import { brokenOff, cutShort, htmlInstead, lfsPointer, stalled } from './loadErrors.js'
import type { Connection } from './download/Connection.js'
import type { ModelSource } from './types.js'

/** Where a {@link RemoteBody} comes from. */
export interface BodyOrigin {
  source: ModelSource
  path: string
  /** Offset of its first byte in the file. */
  start: number
  /** Bytes of the whole file, from `Content-Range`. */
  total: number | undefined
  validator: string | undefined
  /** Whether its headers are all seen: servers of other origins show only some. */
  showsHeaders: boolean
  connection: Connection
}

const lfsMark = 'version https://git-lfs.github.com/spec/'

/** An answer that holds a file's bytes, from an offset to its end. */
export class RemoteBody {
  readonly start: number
  readonly validator: string | undefined
  /** The server packed the bytes: ranges are counted in packed ones, which nobody sees here. */
  readonly isEncoded: boolean
  /** Bytes of the whole file, where the server tells. */
  readonly size: number | undefined
  /** False where {@link size} may count packed bytes, because `Content-Encoding` is hidden. */
  readonly isSizeCertain: boolean
  readonly #response: Response
  readonly #origin: BodyOrigin

  constructor(response: Response, origin: BodyOrigin) {
    this.#response = response
    this.#origin = origin
    this.start = origin.start
    this.validator = origin.validator
    this.isEncoded = isEncoded(response)
    this.isSizeCertain = origin.total !== undefined || origin.showsHeaders
    const length = RemoteBody.lengthOf(response)
    this.size = origin.total ?? (length === undefined ? undefined : this.start + length)
  }

  /** `Content-Length`, where it counts the bytes that come out. */
  static lengthOf(response: Response): number | undefined {
    const header = isEncoded(response) ? null : response.headers.get('content-length')
    if (header === null || !/^\d+$/.test(header)) return undefined
    const length = Number(header)
    return Number.isSafeInteger(length) ? length : undefined
  }

  static isHTML(response: Response): boolean {
    return /^\s*text\/html\b/i.test(response.headers.get('content-type') ?? '')
  }

  /**
   * The bytes as they come.
   * @throws TransientFailure when they break off or stall; LLMError `model-html-response`, `model-corrupt`, `load-aborted`
   */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    const { connection, path } = this.#origin
    const stream: ReadableStream<Uint8Array> = this.#response.body ?? new Blob([]).stream()
    const reader = stream.getReader()
    let received = 0
    try {
      for (;;) {
        const { done, value } = await connection.next(reader.read())
        if (done) break
        if (value.length === 0) continue
        if (this.start + received === 0) this.#inspect(value.subarray(0, 512))
        received += value.length
        yield value
      }
    } catch (error) {
      throw this.#typed(error)
    } finally {
      void reader.cancel().catch(() => undefined)
      connection.close()
    }
    const end = this.start + received
    if (this.isSizeCertain && this.size !== undefined && end < this.size) throw new TransientFailure(cutShort(path, end, this.size))
  }

  /** Frees the connection of a body that is not read. */
  cancel(): void {
    void this.#response.body?.cancel().catch(() => undefined)
    this.#origin.connection.close()
  }

  #inspect(head: Uint8Array): void {
    const { source, path } = this.#origin
    const text = new TextDecoder('latin1').decode(head).replace(/^(?:\u00ef\u00bb\u00bf|\s)+/, '')
    if (looksLikeHTML(text, this.#response)) throw htmlInstead(source, path, source.url(path))
    if (text.startsWith(lfsMark)) throw lfsPointer(path)
  }

  #typed(error: unknown): unknown {
    if (isLLMError(error)) return error
    const { connection, path } = this.#origin
    return new TransientFailure(connection.isStalled ? stalled(path, error) : brokenOff(path, error))
  }
}

function looksLikeHTML(text: string, response: Response): boolean {
  return /^<(?:!doctype\s+html|html[\s>])/i.test(text) || (RemoteBody.isHTML(response) && text.startsWith('<'))
}

function isEncoded(response: Response): boolean {
  const encoding = response.headers.get('content-encoding')
  return encoding !== null && encoding !== 'identity'
}
