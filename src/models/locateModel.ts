import { LLMError, isLLMError } from '../errors/index.js'
import { allDtypes, chooseDtype, graphPathOf } from './chooseDtype.js'
import { checkPath } from './filePath.js'
import { listHubFiles } from './listHubFiles.js'
import { readIndexRecord, storedLoad } from './IndexRecord.js'
import { modelNotFound } from './loadErrors.js'
import { manifestPath, parseManifest } from './manifest.js'
import { graphsByName, manifestGraphs, manifestIndex, unknownIndex } from './ModelIndex.js'
import { parseJSON } from './parseJSON.js'
import type { IndexedFile, ModelIndex } from './ModelIndex.js'
import type { ModelReader } from './ModelReader.js'
import type { RemoteFiles } from './RemoteFiles.js'
import type { ModelStorage } from './storage/ModelStorage.js'
import type { DeviceFacts, Dtype, DtypeChoice, ModelManifest, ModelSource } from './types.js'

/** Which graph of a model is to be loaded. */
export interface GraphChoice extends DtypeChoice {
  /** Relative to the model's root. */
  graphPath: string
  /** The model is stored whole: no server has to be asked. */
  isStored: boolean
}

/** What {@link locateModel} works with. */
export interface LocateParts {
  source: ModelSource
  facts: DeviceFacts
  requested: Dtype | 'auto'
  reader: ModelReader
  remote: RemoteFiles
  storage: ModelStorage | undefined
}

/**
 * Finds out what a model consists of and which graph to take, and tells the reader.
 * @throws LLMError `dtype-unavailable`, `dtype-for-local-model`, `model-not-found`, `model-file-missing`, …
 */
export async function locateModel(parts: LocateParts): Promise<GraphChoice> {
  const { source } = parts
  return source.kind === 'local' ? locateLocal(parts) : ((await locateStored(parts)) ?? locateOnHub(parts))
}

async function locateLocal(parts: LocateParts): Promise<GraphChoice> {
  const { source, requested, reader } = parts
  const manifest = await readManifest(reader)
  if (manifest) reader.index = manifestIndex(manifest)
  const { graphs } = reader.index
  if (graphs) return chooseExisting(graphs, parts)
  if (requested !== 'auto') {
    throw new LLMError({
      code: 'dtype-for-local-model',
      message:
        `dtype "${requested}" was given for the local model ${source.options.id}, which has no ${manifestPath} that lists its dtypes. ` +
        `Leave dtype out (onnx/model.onnx is loaded), or add a ${manifestPath}.`,
      subject: 'dtype',
    })
  }
  return {
    graphPath: graphPathOf('fp32'),
    dtype: undefined,
    reason: `a local model without ${manifestPath}: its only graph is taken`,
    isStored: false,
  }
}

async function locateStored(parts: LocateParts): Promise<GraphChoice | undefined> {
  const { source, facts, requested, reader, storage } = parts
  if (!storage) return undefined
  const record = await readIndexRecord(storage, source).catch(() => undefined)
  if (!record) return undefined
  const choice = tryChoose(record.graphs, facts, requested)
  const files = choice && (await storedLoad(storage, source, record, choice.graphPath))
  if (!files) return undefined
  reader.index = {
    files: new Map(files.map(({ path, size, etag }) => [path, { size, etag }])),
    complete: true,
    graphs: record.graphs,
    manifest: undefined,
  }
  reader.index = { ...reader.index, manifest: await readManifest(reader) }
  return { ...choice, isStored: true }
}

async function locateOnHub(parts: LocateParts): Promise<GraphChoice> {
  const { source, facts, requested, reader, remote } = parts
  reader.index = unknownIndex
  const files = await listHubFiles(source, remote)
  if (files) reader.index = { ...unknownIndex, files, complete: true }
  const manifest = await readManifest(reader)
  const graphs = await findGraphs(manifest, files, remote)
  if (graphs.size === 0) {
    if (!files && !(await remote.probe('config.json'))) throw modelNotFound(source)
    throw new LLMError({
      code: 'model-file-missing',
      message:
        `${source.options.id} has no ONNX graph: none of ${allDtypes.map(graphPathOf).join(', ')}. ` +
        'Take a model that was converted for the browser, for example of the organisation onnx-community.',
      subject: graphPathOf('fp32'),
    })
  }
  reader.index = { ...reader.index, graphs, manifest }
  return chooseGraph(graphs, facts, requested)
}

async function findGraphs(
  manifest: ModelManifest | undefined,
  files: ReadonlyMap<string, IndexedFile> | undefined,
  remote: RemoteFiles,
): Promise<Map<Dtype, string>> {
  const named = manifestGraphs(manifest)
  if (named) {
    const isThere = async ([dtype, path]: [Dtype, string]): Promise<boolean> =>
      files?.has(path) ?? (!manifest?.dtypes.get(dtype)?.optional || (await probeOptional(remote, path)) !== undefined)
    const there = await Promise.all([...named].map(isThere))
    return new Map([...named].filter((_, i) => there[i]))
  }
  if (files) return graphsByName((path) => files.has(path))
  const probes = await Promise.all(allDtypes.map(async (dtype) => [graphPathOf(dtype), await remote.probe(graphPathOf(dtype))] as const))
  const found = new Set(probes.filter(([, probe]) => probe !== undefined).map(([path]) => path))
  return graphsByName((path) => found.has(path))
}

/** The best graph, passing over optional ones that are not there. */
async function chooseExisting(graphs: ReadonlyMap<Dtype, string>, parts: LocateParts): Promise<GraphChoice> {
  const { facts, requested, reader } = parts
  const { manifest, files } = reader.index
  const left = new Map(graphs)
  for (;;) {
    const choice = chooseGraph(left, facts, requested)
    if (choice.dtype === undefined || !manifest?.dtypes.get(choice.dtype)?.optional) return choice
    const probe = await probeOptional(parts.remote, choice.graphPath)
    if (probe) {
      reader.index = { ...reader.index, files: new Map([...files, [choice.graphPath, { size: probe.size, etag: undefined }]]) }
      return choice
    }
    left.delete(choice.dtype)
  }
}

async function probeOptional(remote: RemoteFiles, path: string): Promise<{ size: number | undefined } | undefined> {
  try {
    return await remote.probe(path)
  } catch (error) {
    if (isLLMError(error) && error.code === 'model-html-response') return undefined
    throw error
  }
}

// Servers of single-page apps answer their start page for what does not exist.
async function readManifest(reader: ModelReader): Promise<ModelManifest | undefined> {
  try {
    return await reader.read(manifestPath, { parse: (bytes) => parseManifest(parseJSON(manifestPath, bytes)) })
  } catch (error) {
    if (isLLMError(error) && error.code === 'model-html-response') return undefined
    throw error
  }
}

function tryChoose(graphs: ModelIndex['graphs'], facts: DeviceFacts, requested: Dtype | 'auto'): GraphChoice | undefined {
  try {
    return graphs && chooseGraph(graphs, facts, requested)
  } catch {
    // What is stored does not do; the server may have more.
    return undefined
  }
}

function chooseGraph(graphs: ReadonlyMap<Dtype, string>, facts: DeviceFacts, requested: Dtype | 'auto'): GraphChoice {
  const choice = chooseDtype({ ...facts, available: [...graphs.keys()], requested })
  return { ...choice, graphPath: checkPath(graphs.get(choice.dtype), manifestPath), isStored: false }
}
