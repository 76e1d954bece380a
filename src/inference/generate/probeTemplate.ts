import {
  createToolCallParser,
  getToolFormat,
  toolFormatNames,
  type ToolFormat,
  type ToolFormatClues,
  type ToolFormatName,
} from '../../tools/index.js'
import type { ChatTemplate } from '../tokenizer/ChatTemplate.js'
import type { PromptMessage, ToolSpec } from '../types.js'

/** What a chat template does with calls and their results. */
export interface TemplateProbe {
  /** The format in which it writes the calls of earlier steps; undefined where it writes none that is known. */
  format: ToolFormatName | undefined
  /** Whether calls of earlier steps reach the model. Some templates leave them out. */
  writesCalls: boolean
  /** Whether messages of the role `tool` reach the model. */
  writesResults: boolean
}

// Nothing that a template would trim, escape or look for.
const words = '\u241fprobe\u241f'
const value = 'probed value'
// Keys in order, as some templates sort them.
const call = { id: 'probe0001', name: 'probe_tool', input: { probe_count: 12, probe_text: value } }
const tool: ToolSpec = {
  name: call.name,
  description: 'Probe',
  inputSchema: { type: 'object', properties: { probe_text: { type: 'string' }, probe_count: { type: 'integer' } } },
}
const user: PromptMessage = { role: 'user', content: 'Probe' }

/**
 * Renders a call that no app makes and looks at what the template wrote: the sure way to tell how a
 * model's family writes calls, since a template writes them as they were in training.
 */
export function probeTemplate(template: ChatTemplate, clues: ToolFormatClues): TemplateProbe {
  const called: PromptMessage = { role: 'assistant', content: '', toolCalls: [call] }
  const result: PromptMessage = { role: 'tool', toolCallId: call.id, name: call.name, content: words }
  const withWords = render(template, [user, { role: 'assistant', content: words }])
  const withCall = render(template, [user, called])
  const withResult = render(template, [user, called, result])
  const written = withWords === undefined || withCall === undefined ? '' : difference(withCall, withWords)
  const writesCalls = written.includes(call.name) && written.includes(value)
  return {
    format: writesCalls ? recognize(written, clues) : undefined,
    writesCalls,
    writesResults: withResult?.includes(words) ?? false,
  }
}

/** Undefined where the template refuses such messages. */
function render(template: ChatTemplate, messages: readonly PromptMessage[]): string | undefined {
  try {
    return template.render({ messages, tools: [tool] })
  } catch {
    return undefined
  }
}

/** The part of `text` that `other` has not at its beginning or end. */
function difference(text: string, other: string): string {
  let start = 0
  while (start < text.length && text[start] === other[start]) start++
  let end = text.length
  while (end > start && text[end - 1] === other[other.length - 1 - (text.length - end)]) end--
  return text.slice(start, end)
}

/** The format that writes calls to the letter like this; else the one whose parser finds the call and the least text beside it. */
function recognize(written: string, clues: ToolFormatClues): ToolFormatName | undefined {
  const formats = toolFormatNames.map((name) => getToolFormat(name, clues))
  const same = formats.find((format) => withoutBlanks(written).includes(withoutBlanks(format.renderCalls([call]))))
  if (same !== undefined) return same.name
  const read = formats.flatMap((format) => {
    const rest = textBeside(written, format)
    return rest === undefined ? [] : [{ name: format.name, length: rest.length }]
  })
  return read.sort((a, b) => a.length - b.length)[0]?.name
}

/** What a format's parser shows as text, or undefined where it does not find the call. */
function textBeside(written: string, format: ToolFormat): string | undefined {
  const parser = createToolCallParser(format, { tools: [tool] })
  const events = [...parser.push(written), ...parser.finish({ finishReason: 'stop' })]
  const calls = events.filter((event) => event.type === 'tool-call')
  const isRead = calls.length === 1 && JSON.stringify(calls[0]?.input) === JSON.stringify(call.input)
  if (!isRead || events.some(({ type }) => type === 'tool-error')) return undefined
  return events.map((event) => (event.type === 'text-delta' ? event.text.trim() : '')).join('')
}

function withoutBlanks(text: string): string {
  return text.replace(/\s/g, '')
}
