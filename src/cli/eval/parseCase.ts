import type { PromptMessage, ToolSpec } from '../../inference/types.js'
import { createJSONValidator, type JSONSchema } from '../../tools/index.js'
import { describe } from '../inputErrors.js'
import type { EvalCase, PlainCall } from './types.js'

type JSONObject = Record<string, unknown>

/**
 * One line of a cases file.
 * @throws Error that says what is wrong, without the line's number.
 */
export function parseCase(line: string): EvalCase {
  const value = parseObject(line)
  const { id, category } = value
  if (!(typeof id === 'string' && id !== '') && typeof id !== 'number') {
    throw new Error(`"id" is ${describe(id)}; it must be a text or a number`)
  }
  if (category !== undefined && typeof category !== 'string') throw new Error(`"category" is ${describe(category)}; it must be a text`)
  const tools = list(value.tools ?? [], '"tools"').map((tool, i) => parseTool(tool, `tools[${i}]`))
  const names = new Set(tools.map((tool) => tool.name))
  if (names.size < tools.length) throw new Error('"tools" has two tools of one name')
  const messages = list(value.messages, '"messages"').map((message, i) => parseMessage(message, i))
  if (messages.length === 0) throw new Error('"messages" is empty')
  return { id, category, tools, messages, expected: value.expected === undefined ? undefined : parseExpected(value.expected) }
}

function parseObject(line: string): JSONObject {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw new Error(`it is not valid JSON (${(error as Error).message})`)
  }
  return object(value, 'it')
}

function parseTool(value: unknown, at: string): ToolSpec {
  const tool = object(value, at)
  const name = text(tool.name, `${at}.name`)
  const { description } = tool
  if (description !== undefined && description !== null && typeof description !== 'string') {
    throw new Error(`${at}.description is ${describe(description)}; it must be a text`)
  }
  const given = tool.inputSchema ?? tool.parameters ?? {}
  const schema: JSONSchema = { type: 'object', ...object(given, `${at}.inputSchema`) }
  if (schema.type !== 'object') throw new Error(`${at}.inputSchema has the type ${describe(schema.type)}; it must be "object"`)
  try {
    createJSONValidator(schema)({})
  } catch (error) {
    throw new Error(`${at}.inputSchema is no JSON Schema: ${(error as Error).message}`)
  }
  return { name, description: description ?? '', inputSchema: schema }
}

function parseMessage(value: unknown, index: number): PromptMessage {
  const at = `messages[${index}]`
  const message = object(value, at)
  const content = contentOf(message, at)
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content }
    case 'assistant': {
      const calls = parseCalls(message.toolCalls ?? message.calls ?? [], `${at}.toolCalls`)
      const toolCalls = calls.map((call, i) => ({ id: `call-${index}-${i}`, name: call.name, input: call.arguments }))
      return { role: 'assistant', content, ...(toolCalls.length > 0 && { toolCalls }) }
    }
    case 'tool':
      return { role: 'tool', toolCallId: `call-${index}`, name: text(message.name, `${at}.name`), content }
    default:
      throw new Error(`${at}.role is ${describe(message.role)}; it must be "system", "user", "assistant" or "tool"`)
  }
}

/** Text; a tool's result may also be given as a JSON value, and an assistant's that only calls as null. */
function contentOf({ role, content }: JSONObject, at: string): string {
  if (typeof content === 'string') return content
  if (role === 'tool' && content !== undefined) return JSON.stringify(content)
  if (role === 'assistant' && (content === undefined || content === null)) return ''
  throw new Error(`${at}.content is ${describe(content)}; it must be a text`)
}

/** One list of calls, or a list of such lists. */
function parseExpected(value: unknown): PlainCall[][] {
  const items = list(value, '"expected"')
  const alternatives = items.length > 0 && items.every((item) => Array.isArray(item)) ? items : [items]
  return alternatives.map((calls) => parseCalls(calls, 'expected'))
}

function parseCalls(value: unknown, at: string): PlainCall[] {
  return list(value, at).map((item, i) => {
    const call = object(item, `${at}[${i}]`)
    return { name: text(call.name, `${at}[${i}].name`), arguments: object(call.arguments ?? {}, `${at}[${i}].arguments`) }
  })
}

function list(value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value
  throw new Error(`${what} is ${describe(value)}; it must be a list`)
}

function object(value: unknown, what: string): JSONObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JSONObject
  throw new Error(`${what} is ${describe(value)}; it must be an object`)
}

function text(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new Error(`${what} is ${describe(value)}; it must be a text`)
}
