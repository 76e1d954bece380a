/** How files are downloaded. */
export interface DownloadSettings {
  /** Bytes that are stored at a time: the most that is fetched again after a crash. */
  pieceBytes: number
  /** Milliseconds without a byte after which a connection counts as dead. */
  stallMs: number
  /** Attempts without a new byte, one after the other, before a file is given up. */
  retries: number
  /** Milliseconds before the second attempt; each one more doubles it. */
  backoffMs: number
  /** Longest milliseconds between two attempts. */
  longestBackoffMs: number
  /** Milliseconds that a load waits for a device without network. */
  offlineMs: number
}

/** What holds unless a load says otherwise. */
export const defaultDownload: DownloadSettings = {
  pieceBytes: 8 * 1024 * 1024,
  stallMs: 20_000,
  retries: 6,
  backoffMs: 500,
  longestBackoffMs: 15_000,
  offlineMs: 120_000,
}
