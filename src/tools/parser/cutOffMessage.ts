import type { ParserFinishReason } from './types.js'

/** Tells the model why a call that the output ended in does not count. */
export function cutOffMessage(reason: ParserFinishReason): string {
  if (reason === 'length') return 'The call was cut off by the token limit. Write a shorter one.'
  if (reason === 'abort') return 'The call was stopped before it was complete.'
  return 'The call is incomplete: it never ends.'
}
