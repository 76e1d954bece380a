import { createToolCallParser, type ToolCallParserOptions } from '../../parser/createToolCallParser.js'
import type { ParserFinishReason, ToolCallParserEvent } from '../../parser/types.js'
import type { ToolFormatName } from '../../types.js'
import { getToolFormat } from '../registry.js'
import type { ToolFormat } from '../types.js'
import { testTools } from './testTools.js'
import type { Dialect } from './types.js'

/** Parses an output of {@link testTools} that comes in the given pieces. Ids are `id0`, `id1`, … */
export function parseOutput(
  format: ToolFormatName | ToolFormat,
  pieces: readonly string[],
  finishReason: ParserFinishReason = 'stop',
  options: Partial<ToolCallParserOptions> = {},
): ToolCallParserEvent[] {
  let count = 0
  const parser = createToolCallParser(format, { tools: testTools, createId: () => `id${count++}`, ...options })
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.finish({ finishReason })]
}

/** The format that a dialect is of. */
export function formatOf({ format }: Dialect): ToolFormat {
  return typeof format === 'string' ? getToolFormat(format) : format
}

/** Events with neighbouring deltas of a kind joined: the content, whatever the cuts. */
export function joinEvents(events: readonly ToolCallParserEvent[]): ToolCallParserEvent[] {
  const joined: ToolCallParserEvent[] = []
  for (const event of events) {
    const last = joined.at(-1)
    if (event.type === 'text-delta' && last?.type === 'text-delta') last.text += event.text
    else if (event.type === 'reasoning-delta' && last?.type === 'reasoning-delta') last.text += event.text
    else if (event.type === 'tool-input-delta' && last?.type === 'tool-input-delta' && last.id === event.id) last.delta += event.delta
    else joined.push({ ...event })
  }
  return joined
}

/** The same without ids and pieces, to compare with what a case expects. */
export function summarize(events: readonly ToolCallParserEvent[]): unknown[] {
  return joinEvents(events).flatMap((event): unknown[] => {
    if (event.type === 'text-delta') return [{ text: event.text }]
    if (event.type === 'reasoning-delta') return [{ reasoning: event.text }]
    if (event.type === 'tool-call') return [{ call: event.name, input: event.input }]
    if (event.type === 'tool-error') return [{ error: event.message, raw: event.raw, name: event.name, input: event.input }]
    return []
  })
}

/** All text and reasoning, in order. */
export function visibleText(events: readonly ToolCallParserEvent[]): string {
  return events.map((event) => (event.type === 'text-delta' || event.type === 'reasoning-delta' ? event.text : '')).join('')
}
