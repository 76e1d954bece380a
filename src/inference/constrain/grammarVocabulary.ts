import type { Tokenizer } from '../tokenizer/Tokenizer.js'
import { byteLevelTable } from '../tokenizer/TokenBytes.js'

/** A vocabulary as xgrammar takes it. */
export interface GrammarVocabulary {
  /** By token id. An empty text is a token that no grammar lets pass. */
  tokens: string[]
  type: 'byte_level' | 'byte_fallback'
}

/**
 * Every token as text. Tokens outside the learned vocabulary are control tokens: only the format's
 * own, those in `markers`, count as the text they show.
 */
export function grammarVocabulary(tokenizer: Tokenizer, markers: readonly string[]): GrammarVocabulary {
  const { spelling } = tokenizer
  const tokens: string[] = []
  const toByteLevel = byteLevelWriter()
  for (const { id, content, isAdded } of tokenizer.vocabulary()) {
    if (isAdded && !markers.some((marker) => marker.includes(content))) tokens[id] = ''
    else if (spelling.kind === 'byte-level') tokens[id] = isAdded ? toByteLevel(content) : content
    else tokens[id] = isAdded ? content : content.replaceAll(spelling.space, '▁')
  }
  for (let id = 0; id < tokens.length; id++) tokens[id] ??= ''
  return { tokens, type: spelling.kind === 'byte-level' ? 'byte_level' : 'byte_fallback' }
}

function byteLevelWriter(): (text: string) => string {
  const characters = new Map([...byteLevelTable()].map(([character, byte]) => [byte, character]))
  const encoder = new TextEncoder()
  return (text) => Array.from(encoder.encode(text), (byte) => characters.get(byte)).join('')
}
