import { isLLMError } from '../../errors/index.js'
import type { ChatCodec } from '../generate/ChatCodec.js'

const text = 'The weather in Paris is nice today.'

/** How a conversation begins for this model, or a sentence where its template refuses one; at least two tokens. */
export function probeTokens(codec: ChatCodec): number[] {
  try {
    const { ids } = codec.encode({ messages: [{ role: 'user', content: text }] })
    if (ids.length > 1) return ids
  } catch (error) {
    if (!isLLMError(error)) throw error
  }
  const ids = codec.tokenizer.encode(text)
  return ids.length > 1 ? ids : [0, 1]
}
