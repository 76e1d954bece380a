import type { PromptMessage } from '../types.js'

/** Messages whose untrusted text cannot spell control tokens, and how to split the rendered prompt. */
export interface DefusedMessages {
  messages: PromptMessage[]
  /** Splits the rendered prompt into pieces that are tokenized one by one. */
  split(prompt: string): string[]
}

/**
 * Keeps text of users and tool results from becoming control tokens: a private-use character is
 * put inside every control token spelled out in such text; where it stands, the rendered prompt
 * is cut, so the tokenizer never sees the token as a whole. The model still reads every character.
 */
export function defuseControlTokens(
  messages: readonly PromptMessage[],
  controlTokens: readonly string[],
): DefusedMessages {
  const untrusted = messages.filter((message) => message.role === 'user' || message.role === 'tool')
  const dangerous = controlTokens
    .filter((token) => token.length > 1 && untrusted.some((message) => message.content.includes(token)))
    .sort((a, b) => b.length - a.length)
  if (dangerous.length === 0) return { messages: [...messages], split: (prompt) => [prompt] }

  const separator = unusedCharacter(messages)
  const defuse = (text: string) =>
    dangerous.reduce((result, token) => result.replaceAll(token, token[0] + separator + token.slice(1)), text)
  return {
    messages: messages.map((message) =>
      message.role === 'user' || message.role === 'tool' ? { ...message, content: defuse(message.content) } : message,
    ),
    split: (prompt) => prompt.split(separator),
  }
}

function unusedCharacter(messages: readonly PromptMessage[]): string {
  const text = JSON.stringify(messages)
  for (let code = 0xe000; code <= 0xf8ff; code++) {
    const character = String.fromCharCode(code)
    if (!text.includes(character)) return character
  }
  return '\ufdd0'
}
