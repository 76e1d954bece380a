import type { ToolSpec } from '../types.js'

/** Tools as a TypeScript namespace, the way gpt-oss was shown them in training. */
export function describeFunctions(tools: readonly ToolSpec[]): string {
  const functions = tools.map(({ name, description, inputSchema }) => {
    const schema = inputSchema as Schema
    const hasArguments = Object.keys(schema.properties ?? {}).length > 0
    return `${comment(description)}type ${name} = (${hasArguments ? `_: ${objectType(schema)}` : ''}) => any;`
  })
  return `# Tools\n\n## functions\n\nnamespace functions {\n\n${functions.join('\n\n')}\n\n} // namespace functions`
}

interface Schema {
  type?: string | readonly string[]
  description?: string
  properties?: { readonly [key: string]: Schema }
  required?: readonly string[]
  enum?: readonly unknown[]
  const?: unknown
  items?: Schema
  anyOf?: readonly Schema[]
  oneOf?: readonly Schema[]
  default?: unknown
}

function objectType({ properties = {}, required = [] }: Schema): string {
  const lines = Object.entries(properties).map(([key, schema]) => {
    const written = /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? key : JSON.stringify(key)
    const fallback = schema.default === undefined ? '' : ` // default: ${JSON.stringify(schema.default)}`
    return `${comment(schema.description)}${written}${required.includes(key) ? '' : '?'}: ${typeOf(schema)},${fallback}\n`
  })
  return `{\n${lines.join('')}}`
}

function typeOf(schema: Schema): string {
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const])
  const variants = schema.anyOf ?? schema.oneOf
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' | ')
  if (variants !== undefined) return variants.map(typeOf).join(' | ')
  if (typeof schema.type === 'object') return schema.type.map((type) => typeOf({ ...schema, type })).join(' | ')
  if (schema.type === 'integer') return 'number'
  if (schema.type === 'array') return schema.items === undefined ? 'any[]' : listType(typeOf(schema.items))
  if (schema.type === 'object') return schema.properties === undefined ? 'object' : objectType(schema)
  return schema.type ?? 'any'
}

function listType(item: string): string {
  return item.includes(' | ') && !item.startsWith('{') ? `(${item})[]` : `${item}[]`
}

function comment(text: string | undefined): string {
  return text ? text.split('\n').map((line) => `// ${line}\n`).join('') : ''
}
