import type { ApprovalReason, ChatStatus, ToolPart, UIMessage } from '../chat/types.js'
import type { ModelState } from '../engine/types.js'
import type { LoadPhase } from '../models/types.js'
import type { DoubtKind } from '../tools/doubts/types.js'

type Interruption = NonNullable<NonNullable<UIMessage['metadata']>['interrupted']>

/** Every word the components say themselves. Pass a part of it as `labels` to translate or reword. */
export interface Labels {
  conversation: string
  you: string
  assistant: string
  message: string
  placeholder: string
  send: string
  stop: string
  retry: string
  dismiss: string
  jumpToLatest: string
  emptyTitle: string
  emptyText: string
  suggestions: string
  reasoning: string
  arguments: string
  result: string
  rawOutput: string
  noArguments: string
  chatStatus: Record<ChatStatus, string>
  toolState: Record<ToolPart['state'], string>
  /** In place of the state's word where a call waits for the app. */
  awaitsResult: string
  approvalQuestion: (toolName: string) => string
  allow: string
  deny: string
  /** Why it is asked; an empty word is not shown. */
  approvalReason: Record<ApprovalReason, string>
  /** What is doubtful. `name`: the argument, undefined for the call as a whole. */
  doubt: Record<DoubtKind, (name: string | undefined) => string>
  interrupted: Record<Interruption, string>
  modelStatus: Record<ModelState['status'], string>
  phase: Record<LoadPhase, string>
  model: string
  load: string
  unload: string
  cancel: string
  whyDevice: (device: string) => string
  metrics: string
  decodeRate: string
  timeToFirstToken: string
  prefillRate: string
  tokensIn: string
  tokensReused: string
  tokensOut: string
  totalTime: string
  loadTime: string
  memory: string
  rateOverTime: string
  noMetrics: string
}

/** The components' words in English. */
export const defaultLabels: Labels = {
  conversation: 'Conversation',
  you: 'You',
  assistant: 'Assistant',
  message: 'Message',
  placeholder: 'Write a message',
  send: 'Send',
  stop: 'Stop',
  retry: 'Try again',
  dismiss: 'Dismiss',
  jumpToLatest: 'Jump to latest',
  emptyTitle: 'Ask something',
  emptyText: 'The model runs on this device. Nothing you write leaves it.',
  suggestions: 'Suggestions',
  reasoning: 'Reasoning',
  arguments: 'Arguments',
  result: 'Result',
  rawOutput: 'What the model wrote',
  noArguments: 'No arguments',
  chatStatus: {
    ready: '',
    submitted: 'Waiting for the first word',
    streaming: 'Answering',
    'awaiting-approval': 'Waiting for your permission',
    error: '',
  },
  toolState: {
    'input-streaming': 'Writing arguments',
    'input-available': 'Running',
    'output-available': 'Done',
    'output-error': 'Failed',
    'approval-requested': 'Asks for permission',
    'approval-responded': 'Allowed, running',
    'output-denied': 'Not allowed',
  },
  awaitsResult: 'Waiting for a result',
  approvalQuestion: (toolName) => `Allow ${toolName}?`,
  allow: 'Allow',
  deny: 'Deny',
  approvalReason: {
    'needs-approval': '',
    doubts: '',
    'low-confidence': 'The model was not sure of this call.',
  },
  doubt: {
    ungrounded: (name) => `${name ?? 'It'} does not come from what you wrote.`,
    negated: () => 'You may have asked not to do this.',
    'out-of-range': (name) => `${name ?? 'A number'} is not the number that you wrote.`,
  },
  interrupted: {
    stopped: 'Stopped',
    length: 'Cut at the length limit',
    error: 'Ended by an error',
    'max-steps': 'Ended at the limit of steps',
    'repeated-call': 'Ended: the same call came again',
  },
  modelStatus: {
    idle: 'Not loaded',
    downloading: 'Downloading',
    loading: 'Loading',
    ready: 'Ready',
    error: 'Could not load',
    unsupported: 'Not supported here',
  },
  phase: {
    resolving: 'Looking for the model',
    downloading: 'Downloading',
    loading: 'Loading into memory',
    'warming-up': 'Warming up',
  },
  model: 'Model',
  load: 'Load model',
  unload: 'Unload',
  cancel: 'Cancel',
  whyDevice: (device) => `Why ${device}?`,
  metrics: 'Generation metrics',
  decodeRate: 'Tokens per second',
  timeToFirstToken: 'First token',
  prefillRate: 'Prefill',
  tokensIn: 'Tokens in',
  tokensReused: 'reused',
  tokensOut: 'Tokens out',
  totalTime: 'Total',
  loadTime: 'Model load',
  memory: 'Memory',
  rateOverTime: 'Tokens per second over time',
  noMetrics: 'Figures appear with the first answer.',
}

/** The default words with the app's own on top. */
export function withDefaults(labels: Partial<Labels> | undefined): Labels {
  return labels ? { ...defaultLabels, ...labels } : defaultLabels
}
