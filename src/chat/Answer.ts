import type { GenerateEvent } from '../inference/types.js'
import { createId } from '../tools/createId.js'
import { parsePartialInput } from '../tools/parsePartialInput.js'
import type { Doubt } from '../tools/doubts/types.js'
import type { LLMErrorCode } from '../errors/index.js'
import { isToolPart } from './isToolPart.js'
import { toolBase } from './toolBase.js'
import type { Approval, ApprovalRequest, MessagePart, ReasoningPart, TextPart, ToolPart, UIMessage } from './types.js'

/** How a tool call ended. */
export type ToolOutcome = { output: unknown } | { errorText: string; errorCode?: LLMErrorCode } | { denied: Approval }

/**
 * The assistant's message of one turn, growing from events. Every change makes a new message;
 * parts that did not change keep their identity.
 */
export class Answer {
  readonly #onChange: (message: UIMessage, urgent: boolean) => void
  #message: UIMessage
  #stepPending = false
  /** Blank text that becomes part of a text only if more than blanks follow. */
  #blank = ''
  #blankType: 'text' | 'reasoning' = 'text'

  constructor(id: string, onChange: (message: UIMessage, urgent: boolean) => void) {
    this.#message = { id, role: 'assistant', parts: [] }
    this.#onChange = onChange
  }

  get message(): UIMessage {
    return this.#message
  }

  /** What comes next belongs to another generation. */
  startStep(): void {
    this.#stepPending = this.#message.parts.length > 0
    this.#blank = ''
  }

  apply(event: GenerateEvent): void {
    switch (event.type) {
      case 'start':
        return
      case 'text-delta':
        return this.#grow('text', event.text)
      case 'reasoning-delta':
        return this.#grow('reasoning', event.text)
      case 'tool-input-start':
        return this.#push({ ...newTool(event.id, event.name), state: 'input-streaming', input: null, rawInput: '' })
      case 'tool-input-delta':
        return this.#growInput(event.id, event.delta)
      case 'tool-call': {
        const { id, name, input, confidence } = event
        return this.#putTool({ ...newTool(id, name), ...(confidence && { confidence }), state: 'input-available', input })
      }
      case 'tool-error':
        return this.#putTool({
          ...newTool(event.id ?? createId(), event.name ?? 'unknown'),
          state: 'output-error',
          errorText: event.message,
          ...(event.input === undefined ? { input: null, rawInput: event.raw } : { input: event.input }),
        })
      case 'finish':
        this.#closeText()
        return this.#update({ metadata: { ...this.#message.metadata, metrics: event.metrics } }, true)
    }
  }

  /** Notes whether the answer used tools. */
  setToolUse(toolUse: NonNullable<UIMessage['metadata']>['toolUse']): void {
    this.#update({ metadata: { ...this.#message.metadata, toolUse } }, false)
  }

  /** Puts findings on a call. */
  addDoubts(toolCallId: string, doubts: readonly Doubt[]): void {
    this.#changeTool(toolCallId, (part) => ({ ...part, doubts }))
  }

  /** Shows that a call waits for the user. */
  requestApproval(toolCallId: string, approval: ApprovalRequest): void {
    this.#changeTool(toolCallId, (part) => ({ ...toolBase(part), state: 'approval-requested', input: part.input, approval }))
  }

  /** Shows that the user has allowed a call. */
  allow(toolCallId: string, approval: Approval): void {
    this.#changeTool(toolCallId, (part) => ({ ...toolBase(part), state: 'approval-responded', input: part.input, approval }))
  }

  /** Shows that a call waits for the app. */
  awaitResult(toolCallId: string): void {
    this.#changeTool(toolCallId, (part) =>
      part.state === 'input-available' || part.state === 'approval-responded' ? { ...part, awaitsResult: true } : part,
    )
  }

  /** Puts a call's outcome in place. */
  settle(toolCallId: string, outcome: ToolOutcome): void {
    this.#changeTool(toolCallId, (part) => {
      const base = { ...toolBase(part), input: part.input }
      if ('denied' in outcome) return { ...base, state: 'output-denied', approval: outcome.denied }
      const approval = part.state === 'approval-responded' ? { approval: part.approval } : {}
      if ('output' in outcome) return { ...base, ...approval, state: 'output-available', output: outcome.output }
      const { errorText, errorCode } = outcome
      return { ...base, ...approval, state: 'output-error', errorText, ...(errorCode && { errorCode }) }
    })
  }

  #grow(type: 'text' | 'reasoning', delta: string): void {
    const last = this.#message.parts.at(-1)
    if (!this.#stepPending && last?.type === type && isStreamingText(last)) {
      return this.#replace(this.#message.parts.length - 1, { ...last, text: last.text + delta }, false)
    }
    if (type !== this.#blankType) this.#blank = ''
    this.#blankType = type
    this.#blank += delta
    if (this.#blank.trim() === '') return
    this.#push({ type, text: this.#blank, state: 'streaming' })
  }

  #growInput(id: string, delta: string): void {
    const index = this.#indexOf(id)
    const part = this.#message.parts[index]
    if (part === undefined || !isToolPart(part) || part.state !== 'input-streaming') return
    const rawInput = part.rawInput + delta
    this.#replace(index, { ...part, rawInput, partialInput: parsePartialInput(rawInput) }, false)
  }

  #putTool(part: ToolPart): void {
    const index = this.#indexOf(part.toolCallId)
    if (index === -1) this.#push(part)
    else this.#replace(index, part, true)
  }

  #changeTool(toolCallId: string, change: (part: ToolPart) => ToolPart): void {
    const index = this.#indexOf(toolCallId)
    const part = this.#message.parts[index]
    if (part !== undefined && isToolPart(part)) this.#replace(index, change(part), true)
  }

  #indexOf(toolCallId: string): number {
    return this.#message.parts.findIndex((part) => isToolPart(part) && part.toolCallId === toolCallId)
  }

  #push(part: MessagePart): void {
    this.#blank = ''
    this.#closeText()
    const step: MessagePart[] = this.#stepPending ? [{ type: 'step-start' }] : []
    this.#stepPending = false
    this.#update({ parts: [...this.#message.parts, ...step, part] }, true)
  }

  #closeText(): void {
    const last = this.#message.parts.at(-1)
    if (last === undefined || !isStreamingText(last)) return
    const parts = this.#message.parts.with(-1, { ...last, state: 'done' })
    this.#message = { ...this.#message, parts }
  }

  #replace(index: number, part: MessagePart, urgent: boolean): void {
    this.#update({ parts: this.#message.parts.with(index, part) }, urgent)
  }

  #update(change: Partial<UIMessage>, urgent: boolean): void {
    this.#message = { ...this.#message, ...change }
    this.#onChange(this.#message, urgent)
  }
}

function isStreamingText(part: MessagePart): part is TextPart | ReasoningPart {
  return (part.type === 'text' || part.type === 'reasoning') && part.state === 'streaming'
}

function newTool(toolCallId: string, toolName: string): Pick<ToolPart, 'type' | 'toolName' | 'toolCallId'> {
  return { type: `tool-${toolName}`, toolName, toolCallId }
}
