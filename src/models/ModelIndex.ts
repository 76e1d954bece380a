import { allDtypes, graphPathOf } from './chooseDtype.js'
import type { Dtype, ModelManifest } from './types.js'

/** What is known of a file before it is fetched. */
export interface IndexedFile {
  /** Bytes. */
  size: number | undefined
  /** Changes whenever the content does; comparable between visits. */
  etag: string | undefined
  /** SHA-256 (hex) of its bytes, where somebody told. */
  sha256?: string | undefined
}

/** What a model is made of, as far as its server, its manifest or an earlier visit told. */
export interface ModelIndex {
  files: ReadonlyMap<string, IndexedFile>
  /** Whether a file that is not in `files` does not exist. */
  complete: boolean
  /** Graph file by number format; undefined for a local model that does not say. */
  graphs: ReadonlyMap<Dtype, string> | undefined
  manifest: ModelManifest | undefined
}

/** The index of a model that tells nothing about itself. */
export const unknownIndex: ModelIndex = { files: new Map(), complete: false, graphs: undefined, manifest: undefined }

/** The index of a model of which only the file names are known, all of them; of none, an unknown one. */
export function pathsIndex(paths: string[] | undefined): ModelIndex {
  if (!paths) return unknownIndex
  return { ...unknownIndex, files: new Map(paths.map((path) => [path, { size: undefined, etag: undefined }])), complete: true }
}

/** The index of a local model with a manifest. */
export function manifestIndex(manifest: ModelManifest): ModelIndex {
  const files = new Map<string, IndexedFile>()
  for (const [path, { size, sha256 }] of manifest.files) files.set(path, { size, etag: sha256, sha256 })
  // One written by hand may list the graphs only.
  const complete = files.has('config.json') && files.has('tokenizer.json')
  return { files, complete, graphs: manifestGraphs(manifest), manifest }
}

/** The graphs a manifest names; undefined when it names none. */
export function manifestGraphs(manifest: ModelManifest | undefined): Map<Dtype, string> | undefined {
  if (!manifest || manifest.dtypes.size === 0) return undefined
  return new Map([...manifest.dtypes].map(([dtype, { file }]) => [dtype, file]))
}

/** The graphs among files that are named as Hub models name them. */
export function graphsByName(exists: (path: string) => boolean): Map<Dtype, string> {
  const named = allDtypes.map((dtype) => [dtype, graphPathOf(dtype)] as const)
  return new Map(named.filter(([, path]) => exists(path)))
}
