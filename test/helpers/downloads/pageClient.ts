import type { Question } from '../../e2e/pages/downloads/worker.js'
import type { DrivenBrowser } from '../browsers/index.js'
import type { DownloadClient, StoredReport } from './DownloadClient.js'
import type { DownloadReport } from './runDownload.js'

/** Downloads in the worker of a browser's page. */
export function pageClient(page: Pick<DrivenBrowser, 'evaluate'>, storage: Question['storage']): DownloadClient {
  const ask = <T>(question: Omit<Question, 'storage'>): Promise<T> => page.evaluate<T>(`window.ask(${JSON.stringify({ storage, ...question })})`)
  return {
    load: (request) => ask<DownloadReport>({ load: request }),
    stored: () => ask<StoredReport>({}),
    clear: (id) => ask({ clear: { id } }),
  }
}
