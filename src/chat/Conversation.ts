import type { Engine } from '../engine/types.js'
import { LLMError, toLLMError } from '../errors/index.js'
import { createId } from '../tools/createId.js'
import { closeMessage } from './closeMessage.js'
import { isToolPart } from './isToolPart.js'
import type { PendingCalls, ToolApproval, ToolCallResult } from './PendingCalls.js'
import { SnapshotStore, type Scheduler } from './SnapshotStore.js'
import type { ChatStatus, ConversationOptions, ConversationSnapshot, UIMessage } from './types.js'

/** How a conversation begins. */
export interface ConversationInit {
  /** A saved history. */
  messages?: readonly UIMessage[]
  /** Default: random. */
  id?: string
  /** When streamed tokens are published. Default: at the end of the running task. */
  scheduler?: Scheduler
}

type Interruption = NonNullable<UIMessage['metadata']>['interrupted']

interface Turn {
  controller: AbortController
  /** Undefined until the code has come that runs calls. */
  pending?: PendingCalls
  history: readonly UIMessage[]
  /** The answer so far. */
  message?: UIMessage
}

/**
 * A chat with a model that can call tools: messages, status and the turn under way. It has no
 * React in it; its functions can be passed around unbound.
 */
export class Conversation {
  readonly id: string
  readonly #engine: Pick<Engine, 'generate'>
  readonly #getOptions: () => ConversationOptions
  readonly #store: SnapshotStore
  #turn: Turn | undefined
  #disposed = false

  /** @param getOptions asked at every step, so that tools and handlers are always the latest. */
  constructor(engine: Pick<Engine, 'generate'>, getOptions: () => ConversationOptions, init: ConversationInit = {}) {
    this.id = init.id ?? createId()
    this.#engine = engine
    this.#getOptions = getOptions
    const initial: ConversationSnapshot = { messages: closeAll(init.messages ?? []), status: 'ready', error: undefined }
    this.#store = new SnapshotStore(initial, init.scheduler ?? ((publish) => queueMicrotask(publish)))
  }

  /** The same object until something changes. */
  readonly getSnapshot = (): ConversationSnapshot => this.#store.published

  /** Calls `listener` after every published change. Returns the unsubscriber. */
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /**
   * Adds a user message and answers it. Resolves when the turn has ended, in whatever way; failures
   * of the turn are in the snapshot's `error`.
   * @throws LLMError `invalid-request` for blank text or while a turn is under way; `disposed`.
   */
  readonly sendMessage = async ({ text }: { text: string }): Promise<void> => {
    this.#assertFree('sendMessage')
    if (typeof text !== 'string' || text.trim() === '') {
      throw new LLMError({
        code: 'invalid-request',
        message: 'The message has no text. Pass some: sendMessage({ text }).',
        subject: 'text',
      })
    }
    const message: UIMessage = { id: createId(), role: 'user', parts: [{ type: 'text', text, state: 'done' }] }
    await this.#run([...this.#store.current.messages, message])
  }

  /**
   * Answers the last user message anew, in place of what came after it.
   * @throws LLMError `invalid-request` if there is none or a turn is under way; `disposed`.
   */
  readonly regenerate = async (): Promise<void> => {
    this.#assertFree('regenerate')
    const { messages } = this.#store.current
    const last = messages.findLastIndex((message) => message.role === 'user')
    if (last === -1) {
      throw new LLMError({
        code: 'invalid-request',
        message: 'There is no user message to answer. Call sendMessage first.',
        subject: 'messages',
      })
    }
    await this.#run(messages.slice(0, last + 1))
  }

  /**
   * Ends the turn at once: generation and handlers are aborted, calls that wait for the user are denied,
   * what was said so far stays.
   */
  readonly stop = (): void => {
    const turn = this.#turn
    if (turn === undefined) return
    // Settled before the abort, since handlers may call back into the conversation from it.
    this.#end(turn, 'stopped')
    turn.controller.abort()
  }

  /**
   * Answers a call in state `approval-requested`: it runs, or the model is told that it may not.
   * @throws LLMError `invalid-request` if no call of that id waits for it: answered already, or stopped.
   */
  readonly addToolApproval = (approval: ToolApproval): void => {
    if (!this.#turn?.pending?.approvals.give(approval)) throw notWaiting('addToolApproval', approval.toolCallId)
  }

  /**
   * Gives the result, or the error, of a call that waits for it: its tool has no `execute`, and its part
   * has `awaitsResult`.
   * @throws LLMError `invalid-request` if no call of that id waits for it: answered, timed out, or stopped.
   */
  readonly addToolResult = (result: ToolCallResult): void => {
    if (!this.#turn?.pending?.results.give(result)) throw notWaiting('addToolResult', result.toolCallId)
  }

  /** Replaces the history; stops the turn under way first. Calls that were under way in it are closed. */
  readonly setMessages = (
    messages: readonly UIMessage[] | ((messages: readonly UIMessage[]) => readonly UIMessage[]),
  ): void => {
    this.stop()
    const { current } = this.#store
    const next = typeof messages === 'function' ? messages(current.messages) : messages
    this.#store.set({ ...current, messages: closeAll(next) }, true)
  }

  /** From `error` back to `ready`. */
  readonly clearError = (): void => {
    const { messages, status } = this.#store.current
    if (status === 'error') this.#store.set({ messages, status: 'ready', error: undefined }, true)
  }

  /** Stops for good: nothing is published any more. */
  readonly dispose = (): void => {
    this.#disposed = true
    this.#store.clearListeners()
    this.stop()
  }

  #assertFree(method: string): void {
    if (this.#disposed) {
      throw new LLMError({ code: 'disposed', message: `${method} was called on a disposed conversation. Make a new one.` })
    }
    if (this.#turn !== undefined) {
      throw new LLMError({
        code: 'invalid-request',
        message: `${method} was called during an answer. Wait for status "ready", or call stop().`,
        subject: 'status',
        recoverable: true,
      })
    }
  }

  async #run(history: readonly UIMessage[]): Promise<void> {
    const turn: Turn = { controller: new AbortController(), history }
    this.#turn = turn
    this.#store.set({ messages: history, status: 'submitted', error: undefined }, true)
    try {
      // Loaded with the first message: a page that only shows a chat does without it.
      const { PendingCalls, runTurn } = await import('./runTurn.js')
      if (this.#turn !== turn) return
      const pending = (turn.pending = new PendingCalls())
      const interrupted = await runTurn({
        engine: this.#engine,
        getOptions: this.#getOptions,
        signal: turn.controller.signal,
        onError: (error) => this.#notifyError(error),
        pending,
        history,
        onChange: (message, urgent) => {
          if (this.#turn !== turn) return
          turn.message = message
          this.#store.set({ messages: [...history, message], status: statusOf(message), error: undefined }, urgent)
        },
      })
      if (this.#turn === turn) this.#end(turn, interrupted)
    } catch (cause) {
      if (this.#turn !== turn) return
      const error = toLLMError(cause, {
        code: 'session-failed',
        message: 'The answer failed. Send the message again.',
        recoverable: true,
      })
      this.#end(turn, 'error', error)
      turn.controller.abort()
      this.#notifyError(error)
    }
  }

  #end({ history, message }: Turn, interrupted: Interruption, error?: LLMError): void {
    this.#turn = undefined
    // An answer that was cut before it said anything is none.
    const keep = message !== undefined && (message.parts.length > 0 || interrupted === undefined)
    const answer = keep ? closeMessage(message, interrupted) : undefined
    const messages = answer === undefined ? history : [...history, answer]
    this.#store.set({ messages, status: error === undefined ? 'ready' : 'error', error }, true)
    if (answer !== undefined && error === undefined && !this.#disposed) {
      queueMicrotask(() => this.#getOptions().onFinish?.(answer))
    }
  }

  // Callbacks run in a microtask of their own, so that one that throws cannot break the conversation.
  #notifyError(error: LLMError): void {
    queueMicrotask(() => this.#getOptions().onError?.(error))
  }
}

function statusOf({ parts }: UIMessage): ChatStatus {
  const isAsking = parts.some((part) => isToolPart(part) && part.state === 'approval-requested')
  return isAsking ? 'awaiting-approval' : 'streaming'
}

/** A history from elsewhere may have been saved in the middle of a turn, which is not there any more. */
function closeAll(messages: readonly UIMessage[]): UIMessage[] {
  return messages.map((message) => closeMessage(message))
}

function notWaiting(method: string, toolCallId: string): LLMError {
  return new LLMError({
    code: 'invalid-request',
    message: `${method}: no call "${toolCallId}" waits: it was answered, stopped or timed out, or comes later.`,
    subject: 'toolCallId',
    recoverable: true,
  })
}
