import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { DoubtContext } from '../../src/tools/doubts/index.js'

/** The sets of hand-written requests; see pipeline/data/README.md. */
export type RequestSet = 'demos' | 'dev' | 'requests' | 'test'

export interface WrittenCall {
  name: string
  arguments: Record<string, unknown>
}

interface WrittenTool {
  name: string
  description?: string
  parameters: Record<string, unknown>
}

export interface WrittenRequest {
  say?: string
  now?: string
  kind: string
  history?: { role: string; content: unknown; calls?: WrittenCall[] }[]
  calls: WrittenCall[]
  reply?: string
}

export interface WrittenApp {
  app: string
  tools: WrittenTool[]
  requests: WrittenRequest[]
}

/** The apps of a set. */
export function writtenApps(set: RequestSet): WrittenApp[] {
  const folder = path.resolve(import.meta.dirname, '../../pipeline/data', set)
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as WrittenApp)
}

/** A call and the conversation it stands in, as the turn loop would hand them over. */
export function asDoubtContext(app: WrittenApp, request: WrittenRequest, call: WrittenCall): DoubtContext {
  const tool = app.tools.find(({ name }) => name === call.name)!
  const history = request.history ?? []
  const text = (content: unknown) => (typeof content === 'string' ? content : JSON.stringify(content))
  return {
    input: call.arguments,
    inputSchema: tool.parameters,
    toolName: tool.name,
    description: tool.description,
    userTexts: [...history.filter(({ role }) => role === 'user').map(({ content }) => text(content)), ...(request.say === undefined ? [] : [request.say])],
    contextTexts: [
      ...history.filter(({ role }) => role !== 'user').flatMap(({ content, calls }) => [text(content), ...(calls ? [JSON.stringify(calls)] : [])]),
      ...(request.now === undefined ? [] : [`It is ${request.now}.`]),
    ],
  }
}

interface Limits {
  name: string
  minimum: number
  maximum: number
}

/** The numeric parameters of a tool that have limits on both sides. */
function limitsOf(app: WrittenApp, tool: string): Limits[] {
  const properties = (app.tools.find(({ name }) => name === tool)?.parameters.properties ?? {}) as Record<string, Partial<Limits>>
  return Object.entries(properties).flatMap(([name, { minimum, maximum }]) =>
    minimum === undefined || maximum === undefined ? [] : [{ name, minimum, maximum }],
  )
}

/**
 * What a grammar makes of a number beyond the schema: the call that comes closest, with the limit that the
 * right answer names in place of the number. Undefined where the answer names no limit of a number.
 */
export function bentCall(app: WrittenApp, request: WrittenRequest): { call: WrittenCall; parameter: string } | undefined {
  const named = new Set((request.reply?.replace(/(?<=\d)[ ,](?=\d{3})/g, '').match(/\d+(?:\.\d+)?/g) ?? []).map(Number))
  const said = (request.say?.match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number)
  const isNamed = ({ minimum, maximum }: Limits) => named.has(Math.abs(maximum)) || (named.has(Math.abs(minimum)) && Math.abs(minimum) > 1)
  const limitOf = (call: WrittenCall) => limitsOf(app, call.name).find((limits) => typeof call.arguments[limits.name] === 'number' && isNamed(limits))
  const call = similarCall(app, request, (candidate) => limitOf(candidate) !== undefined)
  const limits = call && limitOf(call)
  if (!limits) return undefined
  const isLow = !named.has(Math.abs(limits.maximum)) || (said.some((n) => n < limits.minimum) && !said.some((n) => n > limits.maximum))
  return { call: { ...call, arguments: { ...call.arguments, [limits.name]: isLow ? limits.minimum : limits.maximum } }, parameter: limits.name }
}

/** The right call with one value that another request of the app gave to the same parameter, and that is not said here. */
export function inventedCall(app: WrittenApp, request: WrittenRequest, call: WrittenCall): { call: WrittenCall; parameter: string } | undefined {
  const said = JSON.stringify([request.say, request.history]).toLowerCase()
  const properties = (app.tools.find(({ name }) => name === call.name)!.parameters.properties ?? {}) as Record<string, { enum?: unknown }>
  for (const [parameter, value] of Object.entries(call.arguments)) {
    if ((typeof value !== 'string' && typeof value !== 'number') || properties[parameter]?.enum !== undefined) continue
    for (const other of app.requests.flatMap(({ calls }) => calls).filter(({ name }) => name === call.name)) {
      const invented = other.arguments[parameter]
      if (typeof invented !== typeof value || invented === value || said.includes(String(invented).toLowerCase())) continue
      return { call: { ...call, arguments: { ...call.arguments, [parameter]: invented } }, parameter }
    }
  }
  return undefined
}

/** The right call of another request of the app that comes closest to a request that has none. */
export function similarCall(app: WrittenApp, request: WrittenRequest, fits: (call: WrittenCall) => boolean = () => true): WrittenCall | undefined {
  const words = new Set(plainWords(request.say ?? ''))
  let best: { score: number; call: WrittenCall } | undefined
  for (const other of app.requests) {
    for (const call of other.calls.filter(fits)) {
      const tool = app.tools.find(({ name }) => name === call.name)!
      const shared = (text: string) => new Set(plainWords(text).filter((word) => words.has(word))).size
      const score = 2 * shared(`${tool.name} ${tool.description ?? ''}`) + 2 * shared(Object.values(call.arguments).join(' ')) + shared(other.say ?? '')
      if (!best || score > best.score) best = { score, call }
    }
  }
  return best?.call
}

function plainWords(text: string): string[] {
  return (text.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase().match(/[\p{L}\d]{3,}/gu) ?? []).map((word) => word.replace(/(?:ing|ed|es|s)$/, ''))
}
