import { changedMeanwhile, corruptFile, cutShort, graphTooLarge, maxGraphBytes } from '../loadErrors.js'
import { TransientFailure } from './TransientFailure.js'
import { isStrong } from './Validator.js'
import type { RemoteBody } from '../RemoteBody.js'
import type { RemoteFiles } from '../RemoteFiles.js'
import type { Patience } from './Patience.js'

/** What takes a file's bytes, in order. */
export interface ByteSink {
  /** Bytes it has. */
  readonly length: number
  /** Bytes it was told to expect, once it has begun; undefined when nobody told. */
  readonly size: number | undefined
  /** The version they are of, as the server calls it. */
  readonly validator: string | undefined
  /** A first byte follows. */
  begin(file: { size: number | undefined; validator: string | undefined }): Promise<void>
  write(bytes: Uint8Array): Promise<void>
  /** What it has is of no use: the file begins anew. */
  restart(): Promise<void>
}

/** What is known of a file before it is downloaded. */
export interface DownloadedFile {
  path: string
  /** Its true size in bytes. */
  size: number | undefined
  /** Its bytes will be compared with a hash, so that they may be joined on a weaker proof. */
  isHashed: boolean
  /** It is an ONNX graph, which has a largest size. */
  isGraph: boolean
}

/** How often a file may change under a download before it is given up. */
const mostChanges = 3

/** Gets one file over whatever connection there is: goes on after cuts, and begins anew where the file is another. */
export class FileDownload {
  readonly #remote: RemoteFiles
  readonly #patience: Patience
  readonly #file: DownloadedFile
  #mayAskForRanges = true
  #changes = 0

  constructor(remote: RemoteFiles, patience: Patience, file: DownloadedFile) {
    this.#remote = remote
    this.#patience = patience
    this.#file = file
  }

  /** The server replaced the file meanwhile: what was told of it before may hold no more. */
  get wasReplaced(): boolean {
    return this.#changes > 0
  }

  /**
   * Writes the whole file into `sink`. False where there is no such file.
   * @throws LLMError as `RemoteFiles.open`, `model-corrupt`, `model-too-large`
   */
  async into(sink: ByteSink): Promise<boolean> {
    const { path, size } = this.#file
    this.#refuseTooLarge(size)
    for (let failures = 0; ; ) {
      const before = sink.length
      if (before > 0 && before === size) return true
      try {
        const body = await this.#open(sink)
        if (body === undefined) return false
        if (body !== 'again') {
          await this.#take(body, sink)
          if (size !== undefined && sink.length < size) throw new TransientFailure(cutShort(path, sink.length, size))
          return true
        }
      } catch (failure) {
        failures = sink.length > before ? 1 : failures + 1
        await this.#patience.wait(failure, failures)
      }
    }
  }

  async #open(sink: ByteSink): Promise<RemoteBody | 'again' | undefined> {
    const { validator } = sink
    const mayJoin = sink.length > 0 && (this.#file.isHashed || (validator !== undefined && isStrong(validator)))
    if (sink.length > 0 && !mayJoin) await sink.restart()
    // Nothing lies behind a last byte, and a server refuses to send that: asked for the last one, it tells its version.
    const next = sink.length > 0 && sink.length === sink.size ? sink.length - 1 : sink.length
    const from = this.#mayAskForRanges ? next : 0
    const body = await this.#remote.open(this.#file.path, { from, validator })
    if (body === undefined) return undefined
    if (body === 'range-refused') return this.#withoutRanges(sink)
    if (sink.length === 0) return body
    if (body.start > 0 && (body.isEncoded || body.start !== from)) {
      body.cancel()
      return this.#withoutRanges(sink)
    }
    const { size } = this.#file
    const isSame = body.validator === undefined || validator === undefined ? this.#file.isHashed : body.validator === validator
    const hasSize = !body.isSizeCertain || body.size === undefined || size === undefined || body.size === size
    if (isSame && hasSize) return body
    if (++this.#changes > mostChanges) {
      body.cancel()
      throw changedMeanwhile(this.#file.path)
    }
    await sink.restart()
    if (body.start === 0) return body
    body.cancel()
    return 'again'
  }

  async #withoutRanges(sink: ByteSink): Promise<'again'> {
    this.#mayAskForRanges = false
    await sink.restart()
    return 'again'
  }

  async #take(body: RemoteBody, sink: ByteSink): Promise<void> {
    const size = this.#file.size ?? body.size
    let begun = sink.length > 0
    // A server without ranges sends again what is there.
    let toSkip = sink.length - body.start
    for await (const chunk of body.chunks()) {
      if (!begun) {
        this.#refuseTooLarge(size)
        if (body.isSizeCertain) this.#compareSizes(body)
        await sink.begin({ size, validator: body.validator })
        begun = true
      }
      const news = chunk.subarray(toSkip)
      toSkip = Math.max(0, toSkip - chunk.length)
      if (news.length > 0) await sink.write(news)
      if (this.#file.size !== undefined && sink.length > this.#file.size) this.#compareSizes({ size: sink.length })
    }
    if (!begun) await sink.begin({ size: 0, validator: body.validator })
  }

  #compareSizes({ size: told }: { size: number | undefined }): void {
    const { path, size } = this.#file
    if (told !== undefined && size !== undefined && told !== size) throw corruptFile(path, `has ${told} bytes where ${size} were announced.`)
  }

  #refuseTooLarge(size: number | undefined): void {
    const { path, isGraph } = this.#file
    if (isGraph && size !== undefined && size > maxGraphBytes) throw graphTooLarge(path, size)
  }
}
