/** What an answer to a range request says it holds. */
export interface ContentRange {
  /** Offset of the first byte. */
  start: number
  /** Bytes of the whole file; undefined when the server does not tell. */
  total: number | undefined
}

/** Reads `Content-Range: bytes 0-9/100` (RFC 9110, section 14.4). */
export function parseContentRange(header: string | null): ContentRange | undefined {
  const match = /^bytes\s+(\d+)-(\d+)\/(\d+|\*)$/i.exec(header?.trim() ?? '')
  if (!match) return undefined
  const [start, end, total] = match.slice(1).map(Number) as [number, number, number]
  if (!Number.isSafeInteger(start) || end < start || (match[3] !== '*' && end >= total)) return undefined
  return { start, total: match[3] === '*' ? undefined : total }
}
