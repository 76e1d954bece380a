import { LLMError } from '../errors/index.js'
import type { Dtype, ModelOptions, ModelRef } from './types.js'

const localPrefix = /^(?:\/|\.\.?(?:\/|$)|https?:\/\/|blob:|file:)/i
const hubName = '[A-Za-z0-9][A-Za-z0-9_.-]{0,95}'
const hubId = new RegExp(`^(?:${hubName}/)?${hubName}$`)
const dtypes: readonly string[] = ['fp32', 'fp16', 'q8', 'q4', 'q4f16'] satisfies Dtype[]

/** True for every number format the kit knows. */
export function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && dtypes.includes(value)
}

/**
 * True for ids that mean a place (`/models/x`, `./x`, `../x`, `http(s)://…`, `blob:…`, `file:…`);
 * all others are Hub ids.
 */
export function isLocalId(id: string): boolean {
  return localPrefix.test(id)
}

/**
 * A model reference with its options spelled out.
 * @throws LLMError `invalid-config` when it is neither a place nor a Hub id, or an option is wrong.
 */
export function parseModelRef(ref: ModelRef): ModelOptions {
  const options: unknown = typeof ref === 'string' ? { id: ref } : ref
  if (!isModelOptions(options)) {
    throw invalid('The model has no id. Give a path such as "/models/my-model", a Hub id such as "org/name", or { id, … }.', 'id')
  }
  const { id } = options
  if (!isLocalId(id) && !isHubId(id)) {
    throw invalid(
      `"${id}" is neither a path nor a Hub id. A model beside the app starts with "/", "./", "../", "http://", "https://" or "blob:"; ` +
        'a Hub model is "org/name".',
      'id',
    )
  }
  if (options.dtype !== undefined && !isDtype(options.dtype)) {
    throw invalid(`"${String(options.dtype)}" is not a dtype. Known: ${dtypes.join(', ')}.`, 'dtype')
  }
  if (options.revision !== undefined && !isRevision(options.revision)) {
    throw invalid(`"${String(options.revision)}" is not a revision. Give a branch, a tag or a commit.`, 'revision')
  }
  if (options.toolCallBias !== undefined && !Number.isFinite(options.toolCallBias)) {
    throw invalid(`toolCallBias is ${String(options.toolCallBias)}. Give a number: above 0 calls tools more often, below 0 less often.`, 'toolCallBias')
  }
  if (options.chatTemplate !== undefined && typeof options.chatTemplate !== 'string') {
    throw invalid('chatTemplate has to be the text of a Jinja template.', 'chatTemplate')
  }
  return { ...options }
}

function isModelOptions(value: unknown): value is ModelOptions {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' && value.id.trim() !== ''
}

function isHubId(id: string): boolean {
  return hubId.test(id) && !id.includes('..') && !id.includes('--')
}

function isRevision(value: unknown): boolean {
  return typeof value === 'string' && /^[\w][\w./-]{0,254}$/.test(value) && !value.includes('..')
}

function invalid(message: string, subject: string): LLMError {
  return new LLMError({ code: 'invalid-config', message, subject })
}
