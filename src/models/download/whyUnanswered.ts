import { corsBlocked, mixedContent, unreachable } from '../loadErrors.js'
import { TransientFailure } from './TransientFailure.js'
import { isSameOrigin, pageOrigin } from './origins.js'
import type { FetchLike } from '../types.js'

/**
 * What a request that `fetch` rejected means. Browsers give one error for all: no network, no server, a connection that
 * was reset, an answer without CORS headers, mixed content. What does not need CORS may get an answer nevertheless.
 * @param isKnown the URL gave an answer before: it was the network.
 */
export async function whyUnanswered(url: string, cause: unknown, isKnown: boolean, fetch: FetchLike): Promise<Error> {
  if (pageOrigin()?.startsWith('https:') && url.startsWith('http:')) return mixedContent(url, cause)
  const isReached = !isKnown && !isSameOrigin(url) && (await answersAnyone(url, fetch))
  // The next attempt may find that the probe was only luckier.
  return new TransientFailure(isReached ? corsBlocked(url, cause) : unreachable(url, cause))
}

/** Whether a server answers at all. Nothing of the answer can be seen. */
async function answersAnyone(url: string, fetch: FetchLike): Promise<boolean> {
  try {
    await fetch(url, { method: 'HEAD', mode: 'no-cors', credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(5000) })
    return true
  } catch {
    return false
  }
}
