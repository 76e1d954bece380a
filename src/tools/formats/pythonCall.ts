import type { ToolSpec } from '../types.js'
import type { GrammarNode, ValueNotation } from './grammar.js'

/** Whether an argument can have this name. */
export function isPythonName(name: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)
}

/** A call in Python. Arguments whose names Python could not read are spread from a dict. */
export function renderPythonCall({ name, input }: { name: string; input: unknown }): string {
  const entries = Object.entries(input as object).filter(([, value]) => value !== undefined)
  const named = entries.filter(([key]) => isPythonName(key)).map(([key, value]) => `${key}=${toPython(value)}`)
  const others = entries.filter(([key]) => !isPythonName(key))
  return `${name}(${[...named, ...(others.length > 0 ? [`**${toPython(Object.fromEntries(others))}`] : [])].join(', ')})`
}

/** A list of calls as {@link renderPythonCall} writes them, from behind its opening bracket on. */
export function pythonCallsGrammar(tools: readonly ToolSpec[], notation: ValueNotation): GrammarNode {
  const calls = tools.map(({ name, inputSchema }): GrammarNode => ({
    sequence: [{ text: `${name}(` }, { arguments: inputSchema, notation }, { text: ')' }],
  }))
  return { sequence: [{ list: { choice: calls }, separator: ', ' }, { text: ']' }] }
}

/**
 * A value of JSON as a Python literal.
 * @param string writes a string. Default: between double quotes, since Python reads every escape that JSON writes.
 */
export function toPython(value: unknown, string: (text: string) => string = JSON.stringify): string {
  if (typeof value === 'string') return string(value)
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (Array.isArray(value)) return `[${value.map((item: unknown) => toPython(item, string)).join(', ')}]`
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    return `{${entries.map(([key, item]) => `${string(key)}: ${toPython(item, string)}`).join(', ')}}`
  }
  return JSON.stringify(value)
}

/** A string between single quotes. */
export function singleQuoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** As {@link singleQuoted}, but apostrophes, quotes before a letter or digit, stand as they are. Not Python's, but LFM2.5's. */
export function plainlyQuoted(text: string): string {
  return singleQuoted(text).replaceAll(/(?<=^'.+)\\'(?=[\p{L}\p{N}])/gsu, "'")
}
