import { createElement, useEffect, useInsertionEffect, useState, type ReactNode } from 'react'
import { Conversation } from '../chat/Conversation.js'
import type { ConversationOptions, ConversationSnapshot, ToolPart, UIMessage } from '../chat/types.js'
import type { LLMError } from '../errors/index.js'
import { useLLMScope, type LLMScope } from './context.js'
import { Lease } from './Lease.js'
import { mapSource } from './mapSource.js'
import { onNextFrame } from './onNextFrame.js'
import { ToolView, type ToolViewSource } from './ToolView.js'
import { useLatest } from './useLatest.js'
import { useTracked } from './useTracked.js'

/** How {@link useFunctionCalling} answers. Read anew at each step: changes take effect at once. */
export interface FunctionCallingOptions extends ConversationOptions {
  /** What the conversation starts with, e.g. what `restoreMessages` gave. Read in the first render only. */
  initialMessages?: readonly UIMessage[]
}

/** The conversation's state, told apart by `status`. */
export type FunctionCallingState = {
  /** All messages, oldest first. Unchanged messages keep their identity. */
  messages: readonly UIMessage[]
} & (
  | { status: 'ready'; isBusy: false; error: undefined }
  | { status: 'submitted' | 'streaming' | 'awaiting-approval'; isBusy: true; error: undefined }
  | { status: 'error'; isBusy: false; error: LLMError }
)

/** What {@link useFunctionCalling} can do. Every function is the same one in every render. */
export type FunctionCallingFunctions = Pick<
  Conversation,
  'sendMessage' | 'regenerate' | 'stop' | 'setMessages' | 'addToolApproval' | 'addToolResult' | 'clearError'
> & {
  /**
   * A call as its tool's `render` draws it, or `card` where the tool has none, leaves this state out, or throws.
   * Follows the newest `render`, whichever component it comes from.
   */
  renderTool: (part: ToolPart, card?: ReactNode) => ReactNode
}

/** What {@link useFunctionCalling} returns. */
export type UseFunctionCallingResult = FunctionCallingState & FunctionCallingFunctions

/**
 * A conversation with the provider's model, which may call `options.tools` and every tool that
 * {@link useTool} offers below the same provider. The component re-renders at most once a frame,
 * and only for the fields it reads. The conversation ends when the component unmounts; it goes on
 * while an `<Activity>` hides it and when the provider's config changes.
 * @throws LLMError `invalid-config` outside of a provider. What goes wrong later is in `error`.
 */
export function useFunctionCalling(options: FunctionCallingOptions = {}): UseFunctionCallingResult {
  const scope = useLLMScope('useFunctionCalling')
  const latest = useLatest(options)
  const [{ store, initial, functions, lease }] = useState(() => createConversation(scope, latest, options.initialMessages))
  useInsertionEffect(() => lease.hold(), [lease])
  useEffect(() => scope.tools.announce(), [scope, options.tools])
  return useTracked(store, initial, functions)
}

function createConversation(
  { engine, tools }: LLMScope,
  latest: { readonly current: FunctionCallingOptions },
  initialMessages: readonly UIMessage[] = [],
) {
  const toolsNow = (onServer?: boolean) => [...(latest.current.tools ?? []), ...(onServer ? [] : tools.list())]
  const conversation = new Conversation(engine, () => ({ ...latest.current, tools: toolsNow() }), {
    messages: initialMessages,
    scheduler: onNextFrame,
  })
  const store = mapSource(conversation, toState)
  const { id: _id, getSnapshot: _getSnapshot, subscribe: _subscribe, dispose, ...functions } = conversation
  const source: ToolViewSource = { tools: toolsNow, subscribe: tools.subscribe, functions: conversation }
  const renderTool: FunctionCallingFunctions['renderTool'] = (part, card) =>
    createElement(ToolView, { key: part.toolCallId, part, card, source })
  return {
    store,
    initial: store.getSnapshot(),
    functions: { ...functions, renderTool },
    lease: new Lease(dispose),
  }
}

/** A snapshot has an error exactly while its status is `error`, which the compiler cannot know. */
function toState(snapshot: ConversationSnapshot): FunctionCallingState {
  const { status } = snapshot
  return { ...snapshot, isBusy: status !== 'ready' && status !== 'error' } as FunctionCallingState
}
