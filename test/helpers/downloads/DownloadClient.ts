import type { DownloadReport, DownloadRequest, readStoredModel } from './runDownload.js'

/** What a reader finds in storage. */
export type StoredReport = Awaited<ReturnType<typeof readStoredModel>>

/** Something that downloads models and keeps them: this process, or a page of a browser. */
export interface DownloadClient {
  load(request: DownloadRequest): Promise<DownloadReport>
  stored(): Promise<StoredReport>
  /** Removes one model, or all. */
  clear(id?: string): Promise<void>
}
