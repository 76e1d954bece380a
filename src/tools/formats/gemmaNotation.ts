import type { ToolSpec } from '../types.js'
import type { GrammarNode } from './grammar.js'

/** A value of JSON in Gemma's notation, with `quote` around strings. */
export function toGemma(value: unknown, quote: string): string {
  if (typeof value === 'string') return quote + value + quote
  if (Array.isArray(value)) return `[${value.map((item: unknown) => toGemma(item, quote)).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    return `{${entries.map(([key, item]) => `${gemmaKey(key, quote)}:${toGemma(item, quote)}`).join(',')}}`
  }
  return JSON.stringify(value) ?? 'null'
}

/** A key as the templates write it, bare. One that would not be read back so gets quotes. */
export function gemmaKey(key: string, quote: string): string {
  return /^(?!\s)[^:{}[\],<"]*$(?<!\s)/.test(key) ? key : quote + key + quote
}

/** What may follow the opening string: one call, `call:name{…}`, and the closing string. */
export function gemmaCallGrammar(tools: readonly ToolSpec[], quote: string, close: string): GrammarNode {
  const calls = tools.map(({ name, inputSchema }): GrammarNode => ({
    sequence: [{ text: `${name}{` }, { arguments: inputSchema, notation: { kind: 'gemma', quote } }, { text: '}' }],
  }))
  return { sequence: [{ text: 'call:' }, { choice: calls }, { text: close }] }
}

/** A tool as Gemma's templates declare it: the fields they know, in their order, and type names in capitals. */
export function declareTool(tool: { name: string; description: string; inputSchema: object }, quote: string): string {
  const schema = tool.inputSchema as Schema
  const hasArguments = Object.keys(schema.properties ?? {}).length > 0
  const fields = { description: tool.description, ...(hasArguments && { parameters: orderSchema(schema) }) }
  return `declaration:${tool.name}${toGemma(fields, quote)}`
}

/** A result's JSON text as an object in Gemma's notation. */
export function renderGemmaResult({ name, content }: { name: string; content: string }, quote: string): string {
  const value = readJSON(content)
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return `response:${name}${toGemma(isObject ? value : { value }, quote)}`
}

interface Schema {
  type?: string | readonly string[]
  description?: string
  properties?: { readonly [key: string]: Schema }
  required?: readonly string[]
  enum?: readonly unknown[]
  items?: unknown
  minimum?: number
  maximum?: number
}

function orderSchema(schema: Schema): object {
  const type = typeof schema.type === 'object' ? schema.type[0] : schema.type
  const items = typeof schema.items === 'object' && schema.items !== null ? (schema.items as Schema) : undefined
  return {
    ...(schema.properties && {
      properties: Object.fromEntries(Object.entries(schema.properties).map(([key, item]) => [key, orderSchema(item)])),
      ...(schema.required && schema.required.length > 0 && { required: schema.required }),
    }),
    ...(schema.description && { description: schema.description }),
    ...(schema.enum && { enum: schema.enum }),
    ...(items && { items: orderSchema(items) }),
    ...(schema.minimum !== undefined && { minimum: schema.minimum }),
    ...(schema.maximum !== undefined && { maximum: schema.maximum }),
    type: (type ?? 'string').toUpperCase(),
  }
}

function readJSON(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
