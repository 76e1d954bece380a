import type { MessagePart } from './types.js'

/** The text of a message's parts, without reasoning and calls. */
export function textOf(parts: readonly MessagePart[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
}
