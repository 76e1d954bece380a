import type { Engine, GenerateRequest, ToolSpec } from 'react-edge-llm/engine'
import { toolCallBias } from '../../stories/demos/smart-home/toolCallBias.js'

/** An app of `pipeline/data`. */
export interface DemoApp {
  app: string
  tools: { name: string; description?: string; parameters: Record<string, unknown> }[]
  requests: { say?: string; kind: string; calls: { name: string; arguments: object }[]; history?: unknown[]; now?: string }[]
}

/** A request to a demo, without a conversation before it. */
export interface DemoRequest {
  app: string
  say: string
  tools: ToolSpec[]
  calls: { name: string; arguments: object }[]
}

/** `count` requests, spread evenly over what the apps hold, in the apps' order. */
export function demoRequests(apps: readonly DemoApp[], count: number): DemoRequest[] {
  const all = apps.flatMap(({ app, tools, requests }) => {
    const specs = tools.map(({ name, description = '', parameters }) => ({ name, description, inputSchema: parameters }))
    return requests.flatMap(({ say, calls, history, now }) =>
      say === undefined || history !== undefined || now !== undefined ? [] : [{ app, say, tools: specs, calls }],
    )
  })
  if (all.length < count) throw new Error(`There are only ${all.length} requests to the demos`)
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!)
}

/** The calls that an engine's model makes for each request, as its demo asks for them, in order, as JSON. */
export async function callsFor(engine: Engine, requests: readonly Pick<DemoRequest, 'app' | 'say' | 'tools'>[]): Promise<string[]> {
  const answers: string[] = []
  for (const { app, say, tools } of requests) {
    const request: GenerateRequest = {
      messages: [{ role: 'user', content: say }],
      tools,
      maxTokens: 96,
      ...(app === 'smart-home' && { toolCallBias }),
    }
    const calls: unknown[] = []
    for await (const event of engine.generate(request)) {
      if (event.type === 'tool-call') calls.push({ name: event.name, arguments: event.input })
    }
    answers.push(JSON.stringify(calls))
  }
  return answers
}
