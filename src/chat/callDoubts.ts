import { findDoubts } from '../tools/doubts/index.js'
import type { Doubt } from '../tools/doubts/types.js'
import { toJSONSchema } from '../tools/schema.js'
import type { DoubtPolicy, Tool, ToolCall } from '../tools/types.js'
import { isToolPart } from './isToolPart.js'
import { textOf } from './textOf.js'
import type { ConversationOptions, ToolPart, UIMessage } from './types.js'

/** What in a call seems not to be what was asked for, by the conversation up to the call. */
export function callDoubts(call: ToolCall, tool: Tool, messages: readonly UIMessage[], system: string | undefined): Doubt[] {
  return findDoubts({
    input: call.input,
    inputSchema: toJSONSchema(tool.inputSchema, tool.name),
    toolName: tool.name,
    description: tool.description,
    userTexts: messages.filter(({ role }) => role === 'user').map(({ parts }) => textOf(parts)),
    contextTexts: contextTexts(messages, system),
  })
}

/** What the options say about doubtful calls of this tool. */
export function doubtPolicy({ onDoubt, annotations }: Tool, options: ConversationOptions): DoubtPolicy {
  return onDoubt ?? options.onDoubt ?? (annotations?.readOnly ? 'execute' : 'confirm')
}

/** Why a call is refused, for the model. */
export function describeDoubts(doubts: readonly Doubt[]): string {
  const lines = doubts.map(({ path, kind }) => `${path === '' ? 'the call' : path.slice(1)}: ${inWords[kind]}`)
  return `Not run. ${lines.join('; ')}. Ask the user instead of guessing.`
}

const inWords: Record<Doubt['kind'], string> = {
  ungrounded: 'the value does not come from the conversation',
  negated: 'the user asked not to do this',
  'out-of-range': 'the user gave another number, which is not allowed',
}

/** What the model may take values from beside the user's words. What it says in the same answer proves nothing. */
function contextTexts(messages: readonly UIMessage[], system: string | undefined): string[] {
  const texts = system === undefined ? [] : [system]
  messages.forEach(({ role, parts }, index) => {
    if (role !== 'assistant') return
    if (index < messages.length - 1) texts.push(textOf(parts))
    for (const part of parts) {
      if (!isToolPart(part) || !hasRun(part)) continue
      texts.push(...toldBy(part))
      // What the user has accepted once need not be said again, also where the handler failed.
      if (part.doubts === undefined || part.approval?.approved) texts.push(JSON.stringify(part.input))
    }
  })
  return texts
}

type RunPart = Extract<ToolPart, { state: 'output-available' | 'output-error' }>

/** Failures of calls that have run. Others were refused, invalid, denied or cut off: what they carry proves nothing. */
const failuresOfRuns: ReadonlySet<string | undefined> = new Set(['tool-failed', 'tool-timeout', 'invalid-tool-output'])

function hasRun(part: ToolPart): part is RunPart {
  return part.state === 'output-available' || (part.state === 'output-error' && failuresOfRuns.has(part.errorCode))
}

/** What the tool itself has said. The words of other failures are the kit's. */
function toldBy(part: RunPart): string[] {
  if (part.state === 'output-available') return [JSON.stringify(part.output)]
  return part.errorCode === 'tool-failed' ? [part.errorText] : []
}
