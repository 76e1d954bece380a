import type { Tokenizer } from '../tokenizer/Tokenizer.js'
import type { PromptMessage } from '../types.js'

/** More of a long message is not looked at. */
const MOST_WORDS = 64

/** The tokens that the words and numbers of the last user message begin with, as they and in small letters, in order. */
export function saidWords(tokenizer: Tokenizer, messages: readonly PromptMessage[]): number[] {
  const message = messages.findLast(({ role }) => role === 'user')
  const words = message?.content.match(/\p{L}+|\p{N}+/gu)?.slice(0, MOST_WORDS) ?? []
  const first = words.flatMap((word) => [word, word.toLowerCase()]).flatMap((word) => tokenizer.encode(word).slice(0, 1))
  return [...new Set(first)]
}
