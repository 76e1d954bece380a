import { isLLMError } from '../../errors/index.js'
import type { LLMError } from '../../errors/index.js'

/** What went wrong in a request and may go well in the next one. */
export class TransientFailure extends Error {
  /** What the load ends with when no further attempt is made. */
  readonly error: LLMError
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(error: LLMError, retryAfterMs?: number) {
    super(error.message, { cause: error })
    this.error = error
    this.retryAfterMs = retryAfterMs
  }
}

/** The error behind a failure, for callers that make no further attempt. */
export function finalError(failure: unknown): unknown {
  return failure instanceof TransientFailure ? failure.error : failure
}

/** True for failures that another attempt may cure. */
export function isTransient(failure: unknown): failure is TransientFailure {
  return failure instanceof TransientFailure && isLLMError(failure.error)
}

/** Whether a server that answers so may answer better soon. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501 && status !== 505)
}

/** `Retry-After` in milliseconds: seconds or a date, as RFC 9110 section 10.2.3 has it. */
export function retryAfter(response: Response, now: number): number | undefined {
  const header = response.headers.get('retry-after')
  if (header === null) return undefined
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined
}
