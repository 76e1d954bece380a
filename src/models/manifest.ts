import { LLMError } from '../errors/index.js'
import { checkPath } from './filePath.js'
import { isByteCount, isJSONObject } from './jsonValues.js'
import { isDtype } from './modelRef.js'
import { parseTensorTables } from './tensorTable.js'
import type { Dtype, JSONObject, ModelManifest } from './types.js'

/** Name of the manifest in a model's root. */
export const manifestPath = 'manifest.json'

/** Name of the file with reference logits in a model's root; see docs/doctor-report.md. */
export const numericsPath = 'numerics.json'

/**
 * Checks a parsed `manifest.json`. Gives undefined for one that is not about a model (a web app's
 * manifest has the same name).
 * @throws LLMError `model-corrupt` naming the entry that is wrong.
 */
export function parseManifest(value: unknown): ModelManifest | undefined {
  if (!isJSONObject(value) || !Object.hasOwn(value, 'formatVersion')) return undefined
  if (value.formatVersion !== 1) {
    throw corrupt(`has formatVersion ${JSON.stringify(value.formatVersion)}; this version of the kit reads 1. Update the kit or convert the model again.`)
  }
  return {
    formatVersion: 1,
    name: optionalString(value, 'name'),
    architecture: optionalString(value, 'architecture'),
    files: parseFiles(own(value, 'files')),
    dtypes: parseDtypes(own(value, 'dtypes')),
    tensors: parseTensorTables(own(value, 'tensors')),
    toolCallBias: optionalNumber(value, 'toolCallBias'),
    source: own(value, 'source'),
  }
}

function parseFiles(value: unknown): ModelManifest['files'] {
  const files = new Map<string, { size: number | undefined; sha256: string | undefined }>()
  if (value === undefined) return files
  if (!isJSONObject(value)) throw corrupt('has "files" that is not an object of paths.')
  for (const [path, entry] of Object.entries(value)) {
    checkPath(path, manifestPath)
    if (!isJSONObject(entry)) throw corrupt(`has no object for the file "${path}".`)
    const size = own(entry, 'size')
    if (size !== undefined && !isByteCount(size)) throw corrupt(`has a size of "${path}" that is not a number of bytes.`)
    const sha256 = own(entry, 'sha256')
    if (sha256 !== undefined && !isSHA256(sha256)) throw corrupt(`has a sha256 of "${path}" that is not 64 hex digits.`)
    files.set(path, { size, sha256: sha256?.toLowerCase() })
  }
  return files
}

function parseDtypes(value: unknown): ModelManifest['dtypes'] {
  const dtypes = new Map<Dtype, { file: string; optional: boolean }>()
  if (value === undefined) return dtypes
  if (!isJSONObject(value)) throw corrupt('has "dtypes" that is not an object.')
  for (const [dtype, entry] of Object.entries(value)) {
    if (!isJSONObject(entry)) throw corrupt(`has no { file } for the dtype "${dtype}".`)
    const file = checkPath(own(entry, 'file'), manifestPath)
    // Formats of later versions are no mistake; they just cannot be chosen.
    if (isDtype(dtype)) dtypes.set(dtype, { file, optional: own(entry, 'optional') === true })
  }
  return dtypes
}

function isSHA256(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value)
}

function optionalString(object: JSONObject, name: string): string | undefined {
  const value = own(object, name)
  if (value === undefined || typeof value === 'string') return value
  throw corrupt(`has "${name}" that is not a text.`)
}

function optionalNumber(object: JSONObject, name: string): number | undefined {
  const value = own(object, name)
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value
  throw corrupt(`has "${name}" that is not a number.`)
}

function own(object: JSONObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function corrupt(what: string): LLMError {
  return new LLMError({ code: 'model-corrupt', message: `The model's ${manifestPath} ${what}`, subject: manifestPath })
}
