import { LLMError } from '../errors/index.js'
import { checkPath, encodePath } from './filePath.js'
import { isLocalId, parseModelRef } from './modelRef.js'
import type { ModelRef, ModelSource } from './types.js'

/** Where Hub models come from unless the app says otherwise. */
export const defaultHubURL = 'https://huggingface.co'

/** What a reference is resolved against. */
export interface ResolveContext {
  /** What relative paths are relative to: the page's URL, or a `file:` URL in Node. */
  baseURL: string
  /** Server of Hub models. Default `https://huggingface.co`. */
  hubURL?: string
  /** Bearer token for gated Hub models. */
  hubToken?: string
}

/**
 * Tells a local model from a Hub model and where its files are. Asks no server.
 * @throws LLMError `invalid-config`
 */
export function resolveModel(ref: ModelRef, context: ResolveContext): ModelSource {
  const options = parseModelRef(ref)
  if (!isLocalId(options.id)) return hubSource(options, context)
  if (options.id.startsWith('blob:')) return blobSource(options)
  const root = localRoot(options.id, context.baseURL)
  return {
    kind: 'local',
    options,
    key: root.href,
    root: root.href,
    revision: undefined,
    hubURL: undefined,
    hubToken: undefined,
    url(path) {
      const file = new URL(encodePath(checkPath(path, options.id)), root)
      file.search = root.search
      return file.href
    },
  }
}

/** A Hub model's key in storage. */
export function storageKey(id: string, revision: string): string {
  return `${id}@${revision}`
}

function hubSource(options: ModelSource['options'], context: ResolveContext): ModelSource {
  const hubURL = trimHubURL(context.hubURL ?? defaultHubURL)
  const revision = options.revision ?? 'main'
  const root = `${hubURL}/${options.id}/resolve/${encodeURIComponent(revision)}/`
  return {
    kind: 'hub',
    options,
    key: storageKey(options.id, revision),
    root,
    revision,
    hubURL,
    hubToken: context.hubToken,
    url: (path) => root + encodePath(checkPath(path, options.id)),
  }
}

// A blob has no folder around it: what the URL holds is an index of the files, read by `openBlobIndex`.
function blobSource(options: ModelSource['options']): ModelSource {
  return {
    kind: 'local',
    options,
    key: options.id,
    root: options.id,
    revision: undefined,
    hubURL: undefined,
    hubToken: undefined,
    url(path) {
      throw new LLMError({
        code: 'model-file-missing',
        message: `${path} has no URL before the index of ${options.id} is read.`,
        subject: path,
      })
    },
  }
}

function localRoot(id: string, baseURL: string): URL {
  let root: URL
  try {
    // File names may hold what has a meaning in URLs ('#', '%'), so paths on disk are encoded first.
    const onDisk = baseURL.startsWith('file:') && !/^[a-z]+:/i.test(id)
    root = new URL(onDisk ? encodePath(id) : id, baseURL)
  } catch (cause) {
    throw new LLMError({
      code: 'invalid-config',
      message: `The model path "${id}" cannot be resolved against ${baseURL}. Give a full URL.`,
      subject: 'id',
      cause,
    })
  }
  root.hash = ''
  if (!root.pathname.endsWith('/')) root.pathname += '/'
  return root
}

function trimHubURL(hubURL: string): string {
  let url: URL
  try {
    url = new URL(hubURL)
  } catch (cause) {
    throw invalidHub(hubURL, cause)
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw invalidHub(hubURL)
  return (url.origin + url.pathname).replace(/\/+$/, '')
}

function invalidHub(hubURL: string, cause?: unknown): LLMError {
  return new LLMError({
    code: 'invalid-config',
    message: `hubURL "${hubURL}" is not an http(s) URL. Give one such as "${defaultHubURL}".`,
    subject: 'hubURL',
    cause,
  })
}
