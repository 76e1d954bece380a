import type { GenerateEvent } from '../inference/types.js'
import { createId } from '../tools/createId.js'
import { parsePartialInput } from '../tools/parsePartialInput.js'
import { isToolPart } from './isToolPart.js'
import type { MessagePart, ReasoningPart, TextPart, ToolPart, UIMessage } from './types.js'

/** How a tool call ended. */
export type ToolOutcome = { output: unknown } | { errorText: string }

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
        return this.#push({ ...toolBase(event.id, event.name), state: 'input-streaming', input: null, rawInput: '' })
      case 'tool-input-delta':
        return this.#growInput(event.id, event.delta)
      case 'tool-call':
        return this.#putTool({ ...toolBase(event.id, event.name), state: 'input-available', input: event.input })
      case 'tool-error':
        return this.#putTool({
          ...toolBase(event.id ?? createId(), event.name ?? 'unknown'),
          state: 'output-error',
          errorText: event.message,
          ...(event.input === undefined ? { input: null, rawInput: event.raw } : { input: event.input }),
        })
      case 'finish':
        this.#closeText()
        return this.#update({ metadata: { ...this.#message.metadata, metrics: event.metrics } }, true)
    }
  }

  /** Puts a handler's result in place. */
  settle(toolCallId: string, outcome: ToolOutcome): void {
    const part = this.#message.parts.find((part) => isToolPart(part) && part.toolCallId === toolCallId)
    if (part === undefined || !isToolPart(part)) return
    const { toolName, input } = part
    this.#putTool({
      ...toolBase(toolCallId, toolName),
      input,
      ...('output' in outcome
        ? { state: 'output-available', output: outcome.output }
        : { state: 'output-error', errorText: outcome.errorText }),
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
    this.#replace(index, { ...part, rawInput, input: parsePartialInput(rawInput) ?? null }, false)
  }

  #putTool(part: ToolPart): void {
    const index = this.#indexOf(part.toolCallId)
    if (index === -1) this.#push(part)
    else this.#replace(index, part, true)
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

function toolBase(toolCallId: string, toolName: string): Pick<ToolPart, 'type' | 'toolName' | 'toolCallId'> {
  return { type: `tool-${toolName}`, toolName, toolCallId }
}
