// Conversations with engines that have no turns of their own: what was said is kept here, and calls are read from text.

/**
 * @typedef {{ role: string, content: string, tool_calls?: { type: 'function', function: { name: string, arguments: object } }[] }} Message
 *   as chat templates expect it
 * @typedef {{ messages: Message[], tools?: object[], maxTokens: number }} Prompt
 * @typedef {{ promptTokens: number, reusedTokens?: number, tokens: number, memoryBytes?: number }} Facts
 */

const CALL = /<tool_call>\s*(\{.*?\})\s*<\/tool_call>/s

/** The first complete call in `text`. */
function callIn(text) {
  const found = CALL.exec(text)
  if (!found) return undefined
  try {
    return JSON.parse(found[1])
  } catch {
    return undefined
  }
}

/**
 * @param {(prompt: Prompt, onText: (text: string) => void) => Promise<Facts>} complete tells all of the answer's text so far
 * @param {import('./main.js').ChatOptions} options
 * @returns {import('./main.js').Chat}
 */
export function peerChat(complete, { tools: specs = [], maxTokens }) {
  const tools = specs.map(({ name, description, inputSchema }) => ({ type: 'function', function: { name, description, parameters: inputSchema } }))
  /** @type {Message[]} */
  let messages = []
  /** Up to the last user message. */
  let asked = messages

  const answer = async () => {
    const started = performance.now()
    let answer = ''
    let ttftMs
    let callMs
    const facts = await complete({ messages: asked, maxTokens, ...(tools.length > 0 && { tools }) }, (text) => {
      const now = performance.now() - started
      answer = text
      ttftMs ??= now
      if (callMs === undefined && callIn(text)) callMs = now
    })
    const totalMs = performance.now() - started
    const call = callIn(answer)
    const said = call
      ? [
          { role: 'assistant', content: '', tool_calls: [{ type: 'function', function: call }] },
          { role: 'tool', content: '{"done": true}' },
        ]
      : [{ role: 'assistant', content: answer }]
    messages = [...asked, ...said]
    return { callMs, ttftMs, totalMs, ...facts, answer }
  }
  return {
    send(content) {
      asked = [...messages, { role: 'user', content }]
      return answer()
    },
    regenerate: answer,
  }
}
