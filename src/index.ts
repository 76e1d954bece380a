'use client'
// The main entry, `react-edge-llm`: provider, hooks and what apps need around them. Nothing heavy; at most 8 kB.
export * from './react/index.js'
export type { CheckedToolDefinition, ToolDefinition } from './tools/tool.js'
export type { Doubt, DoubtKind } from './tools/doubts/types.js'
export type { AsJSON, PartialInput } from './tools/jsonTypes.js'
export type { ToolRenderProps } from './tools/toolPart.js'
export type {
  DoubtPolicy,
  InferSchema,
  JSONSchema,
  StandardToolSchema,
  Tool,
  ToolAnnotations,
  ToolCall,
  ToolChoice,
  ToolContext,
  ToolSchema,
  ToolSpec,
} from './tools/types.js'
export { isToolPart } from './chat/isToolPart.js'
export { restoreMessages, serializeMessages } from './chat/savedMessages.js'
export type { SavedMessages } from './chat/savedMessages.js'
export type { ToolApproval, ToolCallResult } from './chat/PendingCalls.js'
export type {
  Approval,
  ApprovalReason,
  ApprovalRequest,
  ChatStatus,
  ConversationOptions,
  MessagePart,
  ReasoningPart,
  StepStartPart,
  TextPart,
  ToolPart,
  UIMessage,
} from './chat/types.js'
export type { Engine, LLMConfig, ModelState, ReadyModel } from './engine/types.js'
export type {
  CallConfidence,
  FinishReason,
  GenerateEvent,
  GenerateMetrics,
  GenerateRequest,
  LoadedModel,
  LocalRuntimeName,
  ProbeFigures,
  PromptMessage,
  SamplingOptions,
} from './inference/types.js'
export type {
  Device,
  Dtype,
  LoadPhase,
  LoadProgress,
  ModelOptions,
  ModelRef,
  StoragePreference,
  StoredModel,
  ToolFormatName,
} from './models/types.js'
export { isLLMError, LLMError } from './errors/index.js'
export type { LLMErrorCode, LLMErrorInit } from './errors/index.js'
