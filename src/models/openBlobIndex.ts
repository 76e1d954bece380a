import { fileMissing, corruptFile } from './loadErrors.js'
import { checkPath } from './filePath.js'
import { parseJSONObject } from './parseJSON.js'
import { RemoteFiles } from './RemoteFiles.js'
import { finalError } from './download/TransientFailure.js'
import { ByteBuffer } from './ByteBuffer.js'
import type { RemoteOptions } from './RemoteFiles.js'
import type { ModelSource } from './types.js'

/** A source whose files have URLs. */
export interface OpenedSource {
  source: ModelSource
  /** All files there are, where that is known. */
  paths: string[] | undefined
}

/**
 * The source of a model that exists only in the page's memory, such as files a user picked. A
 * `blob:` reference is the URL of a JSON object `{ "config.json": "blob:…", "onnx/model.onnx": "blob:…", … }`.
 * Other sources come back as they are.
 * @throws LLMError `model-corrupt`, `network`
 */
export async function openBlobIndex(source: ModelSource, options: RemoteOptions): Promise<OpenedSource> {
  if (!source.root.startsWith('blob:')) return { source, paths: undefined }
  const name = 'the index of the blob: model'
  const remote = new RemoteFiles({ ...source, url: () => source.root }, options)
  const bytes = await readSmall(remote, name)
  if (!bytes) throw fileMissing(source, name)
  const urls = new Map<string, string>()
  for (const [path, url] of Object.entries(parseJSONObject(name, bytes))) {
    if (typeof url !== 'string' || !url.startsWith('blob:')) throw corruptFile(name, `gives no blob: URL for "${path}".`)
    urls.set(checkPath(path, name), url)
  }
  const opened: ModelSource = {
    ...source,
    url(path) {
      const url = urls.get(checkPath(path, name))
      if (url === undefined) throw fileMissing(source, path)
      return url
    },
  }
  return { source: opened, paths: [...urls.keys()] }
}

// A blob lies in this browser: it needs no second attempt.
async function readSmall(remote: RemoteFiles, name: string): Promise<Uint8Array | undefined> {
  try {
    const body = await remote.open(name, { from: 0, validator: undefined })
    if (body === undefined || body === 'range-refused') return undefined
    const buffer = new ByteBuffer(body.size)
    for await (const chunk of body.chunks()) buffer.append(chunk)
    return buffer.take()
  } catch (failure) {
    throw finalError(failure)
  }
}
