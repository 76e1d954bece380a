import { clearStoredModels, openStorage } from '../../../../src/models/index.js'
import { ResumableStorage } from '../../../../src/models/storage/ResumableStorage.js'
import { readStoredModel, runDownload, type DownloadRequest } from '../../../helpers/downloads/runDownload.js'

/** What a test asks of the page. */
export interface Question {
  storage: 'opfs' | 'cache'
  load?: DownloadRequest
  clear?: { id: string | undefined }
}

export interface Answer {
  id: number
  value?: unknown
  error?: string
}

self.onmessage = async ({ data: { id, question } }: MessageEvent<{ id: number; question: Question }>) => {
  try {
    postMessage({ id, value: await answer(question) } satisfies Answer)
  } catch (error) {
    postMessage({ id, error: String(error) } satisfies Answer)
  }
}

async function answer({ storage: wanted, load, clear }: Question): Promise<unknown> {
  const opened = await openStorage(wanted)
  if (opened.name !== wanted) throw new Error(`This browser has no ${wanted}, but ${opened.name}`)
  const storage = ResumableStorage.over(opened)
  if (clear) return clearStoredModels(clear.id, { storage })
  return load ? runDownload(load, storage, (received) => postMessage({ received })) : readStoredModel(storage)
}
