// Conversations and the turn loop, without React and without a worker. Imports engine types and tools; react and components import it.
export { Conversation } from './Conversation.js'
export type { ConversationInit } from './Conversation.js'
export { isToolPart } from './isToolPart.js'
export type { Scheduler } from './SnapshotStore.js'
export { toPrompt } from './toPrompt.js'
export type {
  ChatStatus,
  ConversationOptions,
  ConversationSnapshot,
  MessagePart,
  ReasoningPart,
  StepStartPart,
  TextPart,
  ToolPart,
  UIMessage,
} from './types.js'
