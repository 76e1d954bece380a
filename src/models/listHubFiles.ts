import { modelNotFound } from './loadErrors.js'
import { isSafePath } from './filePath.js'
import { isByteCount, isJSONObject } from './jsonValues.js'
import { isLLMError } from '../errors/index.js'
import type { IndexedFile } from './ModelIndex.js'
import type { RemoteFiles } from './RemoteFiles.js'
import type { ModelSource } from './types.js'

const mostPages = 20

/**
 * The files of a Hub model with sizes and content marks, in one request where the Hub has its
 * listing; undefined for mirrors that have none.
 * @throws LLMError `model-not-found`, `load-aborted`
 */
export async function listHubFiles(source: ModelSource, remote: RemoteFiles): Promise<Map<string, IndexedFile> | undefined> {
  const files = new Map<string, IndexedFile>()
  const { hubURL, revision, options } = source
  let url: string | undefined =
    `${String(hubURL)}/api/models/${options.id}/tree/${encodeURIComponent(String(revision))}?recursive=true`
  for (let page = 0; url !== undefined && page < mostPages; page++) {
    const response = await ask(remote, url)
    if (!response) return undefined
    const code = response.headers.get('x-error-code')
    if (code === 'RepoNotFound' || code === 'RevisionNotFound') throw modelNotFound(source)
    const entries: unknown = response.ok ? await response.json().catch(() => undefined) : undefined
    if (!Array.isArray(entries)) return undefined
    for (const entry of entries) addFile(files, entry)
    url = nextPage(response, `${String(hubURL)}/`)
  }
  return files
}

// Whatever stops the listing (no CORS for it, no such interface), the files themselves may still be there.
async function ask(remote: RemoteFiles, url: string): Promise<Response | undefined> {
  try {
    return await remote.askHub(url)
  } catch (error) {
    if (isLLMError(error) && error.code === 'load-aborted') throw error
    return undefined
  }
}

function addFile(files: Map<string, IndexedFile>, entry: unknown): void {
  if (!isJSONObject(entry) || entry.type !== 'file' || !isSafePath(entry.path)) return
  const lfs = isJSONObject(entry.lfs) ? entry.lfs : undefined
  const etag = lfs?.oid ?? entry.oid
  // The name of a file in LFS is its SHA-256; other files have Git's own hash.
  const sha256 = typeof lfs?.oid === 'string' && /^[0-9a-f]{64}$/.test(lfs.oid) ? lfs.oid : undefined
  files.set(entry.path, {
    size: isByteCount(entry.size) ? entry.size : undefined,
    etag: typeof etag === 'string' ? etag : undefined,
    sha256,
  })
}

function nextPage(response: Response, hub: string): string | undefined {
  const url = /<([^>]+)>\s*;\s*rel="?next"?/.exec(response.headers.get('link') ?? '')?.[1]
  // The token goes along, so the next page has to be of the same Hub.
  return url?.startsWith(hub) ? url : undefined
}
