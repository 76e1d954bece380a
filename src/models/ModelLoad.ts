import { isLLMError } from '../errors/index.js'
import { checkConfig } from './checkConfig.js'
import { findChatTemplates } from './chatTemplate.js'
import { besideFile, checkPath } from './filePath.js'
import { writeIndexRecord } from './IndexRecord.js'
import { fileMissing, graphTooLarge, maxGraphBytes, modelNotFound } from './loadErrors.js'
import { locateModel } from './locateModel.js'
import { numericsPath } from './manifest.js'
import { pathsIndex } from './ModelIndex.js'
import { ModelReader } from './ModelReader.js'
import { checkGraphMagic, externalDataLocations } from './onnxGraph.js'
import { openBlobIndex } from './openBlobIndex.js'
import { parseJSONObject } from './parseJSON.js'
import { defaultDownload } from './download/DownloadSettings.js'
import { takeTurn } from './download/DownloadTurn.js'
import { Patience } from './download/Patience.js'
import { ProgressMeter } from './ProgressMeter.js'
import { RemoteFiles } from './RemoteFiles.js'
import { ResumableStorage } from './storage/ResumableStorage.js'
import { writeLastUsed } from './storage/lastUsed.js'
import { makeRoom } from './storage/makeRoom.js'
import { storageError } from './storage/storageErrors.js'
import type { LLMError } from '../errors/index.js'
import type { DownloadTurn } from './download/DownloadTurn.js'
import type { DownloadSettings } from './download/DownloadSettings.js'
import type { GraphChoice } from './locateModel.js'
import type { OpenedSource } from './openBlobIndex.js'
import type { RemoteOptions } from './RemoteFiles.js'
import type { ModelStorage } from './storage/ModelStorage.js'
import type {
  DeviceFacts,
  Dtype,
  ExternalDataFile,
  FetchLike,
  JSONObject,
  LoadProgress,
  ModelFiles,
  ModelSetup,
  ModelSource,
} from './types.js'

/** How a model's files are loaded. */
export interface LoadFilesOptions extends DeviceFacts {
  /** The config's dtype; the model's own `dtype` option wins. Default `auto`. */
  dtype?: Dtype | 'auto'
  /** At most one call every 50 ms, and one at the end. */
  onProgress?: (progress: LoadProgress) => void
  /** Told what went wrong without ending the load, e.g. `quota-exceeded`. */
  onWarning?: (warning: LLMError) => void
  signal?: AbortSignal
  /** Where Hub models are kept. Default: nowhere. */
  storage?: ModelStorage
  /** Default: the global `fetch`. */
  fetch?: FetchLike
  /** Whether models that were not used for the longest time are removed where there is no room. Default false. */
  mayEvict?: boolean
  /** Ends the load with the error where the files cannot be kept, because that is what they are fetched for. Default false. */
  mustKeep?: boolean
  /** How patiently files are downloaded. Left out: what suits the web. */
  download?: Partial<DownloadSettings>
  /**
   * Gives the memory for a file with weights, once its size in bytes is known, so that it arrives where it is used.
   * May be called again for the same path. Default: buffers of their own.
   */
  place?: (path: string, size: number) => Uint8Array
  /**
   * Whether the CPU runs 4-bit weights of this architecture fast, from what `config.json` says; then `q4` is
   * the first choice there. Default: never.
   */
  runsQ4?: (config: JSONObject) => boolean
  /** Told `config.json`, before anything large arrives: what runs such a model can be made ready meanwhile. */
  onConfig?: (config: JSONObject) => void
  /** Told everything but the graph, while the graph is still on its way. What it throws ends the load. */
  onSetup?: (setup: ModelSetup) => void
  /** What an earlier load of the same model gave: it is the result where the choice falls on the same graph. */
  earlier?: ModelFiles
}

const smallFiles = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja']
const unseenExternalData = 'external data'
// A graph below this size may well keep its weights in other files, whose size is not known yet.
const smallGraph = 16 * 1024 * 1024

/** One load of one model: the steps share reader, progress and abort signal. */
export class ModelLoad {
  readonly #source: ModelSource
  readonly #options: LoadFilesOptions
  readonly #storage: ResumableStorage | undefined
  readonly #meter: ProgressMeter
  readonly #remote: RemoteFiles
  readonly #reader: ModelReader
  #config: JSONObject | undefined
  #planned: string[] = []
  #turn: DownloadTurn | undefined

  private constructor({ source, paths }: OpenedSource, options: LoadFilesOptions, remote: RemoteOptions, meter: ProgressMeter) {
    this.#source = source
    this.#options = options
    this.#storage = storageFor(source, options)
    this.#meter = meter
    this.#remote = new RemoteFiles(source, remote)
    const { signal, onWarning } = options
    const { patience, settings } = remote
    this.#reader = new ModelReader(
      { source, remote: this.#remote, patience, settings, storage: this.#storage, meter: this.#meter, signal, onWarning },
      pathsIndex(paths),
    )
  }

  static async open(source: ModelSource, options: LoadFilesOptions): Promise<ModelLoad> {
    const told: { by?: ModelLoad } = {}
    const onProgress = (progress: LoadProgress): void => {
      options.onProgress?.(progress)
      if (told.by) told.by.#turn?.tell(progress)
    }
    const meter = new ProgressMeter({ onProgress })
    const remote = remoteOptions(source, options, meter)
    return (told.by = new ModelLoad(await openBlobIndex(source, remote), options, remote, meter))
  }

  /** Chooses the graph. */
  async choose(): Promise<GraphChoice> {
    this.#meter.enter('resolving')
    const { runsQ4 } = this.#options
    const choice = await this.#locate(runsQ4 !== undefined)
    const isWanted = !runsQ4 || choice.dtype !== 'q4' || runsQ4(await this.#readConfig(choice.graphPath))
    return isWanted ? choice : this.#locate(false)
  }

  /**
   * Waits for another tab that downloads the model, announces the files and reads the model's configuration.
   * @returns `choice`, or what it is after the other tab is done.
   */
  async begin(chosen: GraphChoice, withGraph: boolean): Promise<{ choice: GraphChoice; config: JSONObject }> {
    let choice = chosen
    if (withGraph && !choice.isStored && this.#storage) {
      this.#turn = await takeTurn(this.#source.key, this.#options.signal, (progress) => this.#meter.follow(progress))
      if (this.#turn.hasWaited) choice = await this.choose()
    }
    const small = this.#hasNumerics ? [...smallFiles, numericsPath] : smallFiles
    this.#plan(withGraph ? [...small, choice.graphPath, ...this.#likelyExternalData(choice.graphPath)] : small)
    if (withGraph && !choice.isStored) await this.#makeRoom()
    this.#meter.enter(choice.isStored ? 'loading' : 'downloading')
    return { choice, config: await this.#readConfig(choice.graphPath) }
  }

  /** Reads what else is small. */
  async readSetup(choice: GraphChoice, config: JSONObject): Promise<ModelSetup> {
    const [generationConfig, tokenizerJson, tokenizerConfig, jinja, numerics] = await Promise.all([
      this.#readOptional('generation_config.json', parseJSONObject),
      this.#readRequired('tokenizer.json', parseJSONObject),
      this.#readRequired('tokenizer_config.json', parseJSONObject),
      this.#readOptional('chat_template.jinja', (_path, bytes) => new TextDecoder().decode(bytes)),
      this.#hasNumerics ? this.#readOptional(numericsPath, parseJSONObject) : undefined,
    ])
    return {
      config,
      generationConfig,
      tokenizerJson,
      tokenizerConfig,
      ...findChatTemplates(this.#source.options.chatTemplate, jinja, tokenizerConfig),
      graphPath: choice.graphPath,
      dtype: choice.dtype,
      dtypeReason: choice.reason,
      manifest: this.#reader.index.manifest,
      ...(numerics && { numerics }),
    }
  }

  /** Asked for only where it is known to exist: most models have none, and browsers show every 404. */
  get #hasNumerics(): boolean {
    return this.#reader.index.files.has(numericsPath)
  }

  /** Reads the graph and the files it keeps weights in. */
  async readGraph(graphPath: string): Promise<ModelFiles['graph']> {
    let locations: string[] = []
    const bytes = await this.#reader.read(graphPath, {
      isGraph: true,
      place: this.#placeFor(graphPath),
      parse: (graph) => {
        checkGraphMagic(graphPath, graph)
        locations = externalDataLocations(graphPath, graph)
        return graph
      },
      onSize: (size) => {
        if (size !== undefined && size < smallGraph && !this.#reader.index.complete) this.#meter.plan([unseenExternalData])
      },
    })
    if (!bytes) throw fileMissing(this.#source, graphPath)
    const files = locations.map((location) => ({ location, path: externalDataPath(graphPath, location) }))
    this.#meter.plan(files.map(({ path }) => path))
    this.#meter.drop(unseenExternalData)
    const externalData = await Promise.all(files.map(({ location, path }) => this.#readExternalData(location, path)))
    return { path: graphPath, bytes, externalData }
  }

  /** Asks for the graph without reading it, for what loads it by itself. */
  async checkGraph(graphPath: string): Promise<void> {
    if (this.#reader.knowsMissing(graphPath)) throw fileMissing(this.#source, graphPath)
    const probe = this.#reader.index.complete ? this.#reader.index.files.get(graphPath) : await this.#remote.probe(graphPath)
    if (!probe) throw fileMissing(this.#source, graphPath)
    if (probe.size !== undefined && probe.size > maxGraphBytes) throw graphTooLarge(graphPath, probe.size)
  }

  /** Everything is there: notes it down in storage and reports the full bar. */
  async finish(choice: GraphChoice): Promise<void> {
    const { stored, unstored, index, keeps } = this.#reader
    const isKept = this.#storage !== undefined && keeps && unstored.size === 0
    if (this.#storage && index.graphs && !choice.isStored && isKept) {
      const load = { graphPath: choice.graphPath, files: [...stored.values()] }
      await writeIndexRecord(this.#storage, this.#source, index.graphs, load).catch((error: unknown) => {
        this.#options.onWarning?.(storageError(error, choice.graphPath))
      })
    }
    if (this.#storage && isKept) await writeLastUsed(this.#storage, this.#source.key, Date.now())
    this.#meter.finish('loading')
  }

  /** The load is over, well or not. */
  close(): void {
    this.#turn?.end()
    this.#turn = undefined
  }

  #locate(prefersQ4: boolean): Promise<GraphChoice> {
    const { device, adapterFeatures, dtype, refused } = this.#options
    return locateModel({
      source: this.#source,
      facts: { device, adapterFeatures, prefersQ4, refused },
      requested: this.#source.options.dtype ?? dtype ?? 'auto',
      reader: this.#reader,
      remote: this.#remote,
      storage: this.#storage,
    })
  }

  #plan(paths: string[]): void {
    const expected = paths.filter((path) => !this.#reader.knowsMissing(path))
    this.#planned = expected
    this.#meter.plan(expected)
    for (const path of expected) this.#meter.expect(path, this.#reader.index.files.get(path)?.size)
  }

  // A load without storage is better than none: only what is fetched to be kept ends here.
  async #makeRoom(): Promise<void> {
    const { mayEvict = false, mustKeep = false, onWarning } = this.#options
    if (!this.#storage) return
    const files = this.#planned.map((path) => ({ path, size: this.#reader.index.files.get(path)?.size }))
    try {
      await makeRoom(this.#storage, { key: this.#source.key, files, mayEvict })
    } catch (error) {
      const problem = storageError(error, this.#source.key)
      if (mustKeep) throw problem
      this.#reader.keeps = false
      onWarning?.(problem)
    }
  }

  #likelyExternalData(graphPath: string): string[] {
    return [...this.#reader.index.files.keys()].filter((path) => path.startsWith(`${graphPath}_data`))
  }

  async #readConfig(graphPath: string): Promise<JSONObject> {
    if (this.#config) return this.#config
    const config = await this.#reader.read('config.json', { parse: (bytes) => checkConfig(parseJSONObject('config.json', bytes)) })
    if (config) return (this.#config = config)
    const isModel = this.#reader.index.files.size > 0 || (await this.#remote.probe(graphPath)) !== undefined
    throw isModel ? fileMissing(this.#source, 'config.json') : modelNotFound(this.#source)
  }

  async #readRequired<T>(path: string, parse: (path: string, bytes: Uint8Array) => T): Promise<T> {
    const value = await this.#reader.read(path, { parse: (bytes) => parse(path, bytes) })
    if (value === undefined) throw fileMissing(this.#source, path)
    return value
  }

  async #readOptional<T>(path: string, parse: (path: string, bytes: Uint8Array) => T): Promise<T | undefined> {
    try {
      return await this.#reader.read(path, { parse: (bytes) => parse(path, bytes) })
    } catch (error) {
      // Servers of single-page apps answer their start page for what does not exist.
      if (!isLLMError(error) || error.code !== 'model-html-response') throw error
      this.#meter.drop(path)
      return undefined
    }
  }

  #placeFor(path: string): ((size: number) => Uint8Array) | undefined {
    const { place } = this.#options
    return place && ((size) => place(path, size))
  }

  async #readExternalData(location: string, path: string): Promise<ExternalDataFile> {
    const bytes = await this.#reader.read(path, { parse: (data) => data, place: this.#placeFor(path) })
    if (!bytes) throw fileMissing(this.#source, path, 'external-data-missing')
    return { path: location, bytes }
  }
}

function storageFor(source: ModelSource, { storage }: LoadFilesOptions): ResumableStorage | undefined {
  return source.kind === 'hub' && storage && storage.name !== 'none' ? ResumableStorage.over(storage) : undefined
}

function remoteOptions(source: ModelSource, options: LoadFilesOptions, meter: ProgressMeter): RemoteOptions {
  // Local models change under the developer's hands. What our storage keeps, the HTTP cache need not keep again.
  const cache = source.kind === 'local' ? 'no-cache' : storageFor(source, options) ? 'no-store' : 'default'
  const { signal } = options
  const settings = { ...defaultDownload, ...options.download }
  const patience = new Patience({ settings, signal, onWait: () => meter.pause() })
  return { fetch: options.fetch ?? ((url, init) => fetch(url, init)), signal, cache, settings, patience }
}

function externalDataPath(graphPath: string, location: string): string {
  return besideFile(graphPath, checkPath(location.replace(/^(?:\.\/)+/, ''), graphPath))
}
