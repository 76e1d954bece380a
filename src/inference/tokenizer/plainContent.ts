import type { PromptMessage, ToolSpec } from '../types.js'

/** What a request brings into a prompt, from users, apps and results. */
export interface PromptContent {
  messages: readonly PromptMessage[]
  tools: readonly ToolSpec[]
}

/** Content that cannot spell control tokens, and how to split the prompt rendered from it. */
export interface DefusedContent {
  messages: PromptMessage[]
  tools: ToolSpec[]
  /** Splits the rendered prompt into pieces that are tokenized one by one. */
  split(prompt: string): string[]
}

/**
 * Keeps content from becoming control tokens: a private-use character is put inside every control token
 * spelled out in a message, a result, an earlier call or a tool's schema; where it stands, the rendered
 * prompt is cut, so the tokenizer never sees the token as a whole. The model still reads every character.
 * Only what templates and formats write themselves is left to be a control token, so content has to come
 * here before it is rendered. Content that spells none is unchanged.
 *
 * @param controlTokens the tokenizer's added tokens. Those of white space alone are text like any other.
 */
export function defuseControlTokens({ messages, tools }: PromptContent, controlTokens: readonly string[]): DefusedContent {
  const text = textsOf([messages, tools]).join('\n')
  const dangerous = spelledIn(text, controlTokens)
  if (dangerous.length === 0) return { messages: [...messages], tools: [...tools], split: (prompt) => [prompt] }

  const separator = unusedCharacter(text)
  const defuse = (content: string) => {
    let result = content
    for (const token of dangerous) {
      // Again, because a token may overlap itself.
      while (result.includes(token)) result = result.replaceAll(token, token[0] + separator + token.slice(1))
    }
    return result
  }
  return {
    messages: messages.map((message) => mapTexts(message, defuse) as PromptMessage),
    tools: tools.map((tool) => mapTexts(tool, defuse) as ToolSpec),
    split: (prompt) => prompt.split(separator),
  }
}

/** The tokens that stand in a text, longest first. Most have a beginning in common, which is looked for once. */
function spelledIn(text: string, tokens: readonly string[]): string[] {
  const beginnings = new Map<string, boolean>()
  const mayHold = (token: string) => {
    const beginning = token.slice(0, 3)
    const known = beginnings.get(beginning) ?? text.includes(beginning)
    beginnings.set(beginning, known)
    return known
  }
  return tokens
    .filter((token) => token.length > 1 && token.trim() !== '' && mayHold(token) && text.includes(token))
    .sort((a, b) => b.length - a.length)
}

/** Every text in a value, keys too. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Array.isArray(value) ? value.flatMap(textsOf) : Object.entries(value).flatMap(([key, item]) => [key, ...textsOf(item)])
}

/** A value with every text in it changed, keys too. */
function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [change(key), mapTexts(item, change)]))
}

function unusedCharacter(text: string): string {
  for (let code = 0xe000; code <= 0xf8ff; code++) {
    const character = String.fromCharCode(code)
    if (!text.includes(character)) return character
  }
  return '\ufdd0'
}
