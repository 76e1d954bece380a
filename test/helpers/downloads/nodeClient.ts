import { clearStoredModels } from '../../../src/models/index.js'
import { NodeStorage } from '../../../src/models/node.js'
import { ResumableStorage } from '../../../src/models/storage/ResumableStorage.js'
import { readStoredModel, runDownload } from './runDownload.js'
import type { DownloadClient } from './DownloadClient.js'

/** Downloads in this process, into a folder. Every call opens the storage anew. */
export function nodeClient(folder: string): DownloadClient {
  const open = (): ResumableStorage => ResumableStorage.over(new NodeStorage(folder))
  return {
    load: (request) => runDownload(request, open()),
    stored: () => readStoredModel(open()),
    clear: (id) => clearStoredModels(id, { storage: open() }),
  }
}
