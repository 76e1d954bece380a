import { expect, it } from 'vitest'
import { restoreMessages, serializeMessages } from './savedMessages.js'
import type { MessagePart, ToolPart, UIMessage } from './types.js'

const base = { type: 'tool-pay', toolName: 'pay', toolCallId: 'c' } as const
const approval = { because: ['needs-approval'] } as const

const history: UIMessage[] = [
  { id: '1', role: 'user', parts: [{ type: 'text', text: 'Pay 5', state: 'done' }] },
  {
    id: '2',
    role: 'assistant',
    parts: [
      { type: 'reasoning', text: 'Hm', state: 'done' },
      { ...base, state: 'output-available', input: { amount: 5 }, output: null, approval: { ...approval, approved: true } },
      { type: 'step-start' },
      { ...base, state: 'output-error', input: null, errorText: 'no', rawInput: '{' },
      { ...base, state: 'output-denied', input: {}, approval: { ...approval, approved: false }, doubts: [{ path: '', kind: 'negated' }] },
      { type: 'text', text: 'Paid', state: 'done' },
    ],
    metadata: { toolUse: 'called', interrupted: 'max-steps' },
  },
]

const answer = (...parts: MessagePart[]): UIMessage => ({ id: 'a', role: 'assistant', parts })

it('gives back what was saved, through JSON', () => {
  expect(restoreMessages(JSON.parse(JSON.stringify(serializeMessages(history))))).toEqual(history)
})

it('closes what was under way when it was saved', () => {
  const open: ToolPart[] = [
    { ...base, state: 'input-streaming', input: null, rawInput: '{"a', partialInput: {} },
    { ...base, state: 'input-available', input: {}, awaitsResult: true },
    { ...base, state: 'approval-requested', input: {}, approval },
    { ...base, state: 'approval-responded', input: {}, approval: { ...approval, approved: true } },
  ]
  const closed = serializeMessages([answer(...open, { type: 'text', text: 'a', state: 'streaming' })])
  expect(closed.messages[0]?.parts).toEqual([
    { ...base, state: 'output-error', input: null, errorText: 'interrupted' },
    { ...base, state: 'output-error', input: {}, errorText: 'interrupted' },
    { ...base, state: 'output-denied', input: {}, approval: { ...approval, approved: false, reason: 'interrupted' } },
    { ...base, state: 'output-error', input: {}, errorText: 'interrupted', approval: { ...approval, approved: true } },
    { type: 'text', text: 'a', state: 'done' },
  ])
  expect(restoreMessages({ version: 1, messages: [answer(...open)] })[0]?.parts.map((part) => 'state' in part && part.state)).toEqual([
    'output-error',
    'output-error',
    'output-denied',
    'output-error',
  ])
})

it.each([undefined, null, 'x', [], {}, { version: 2, messages: [] }, { messages: [] }])('refuses %j for its version', (saved) => {
  expect(() => restoreMessages(saved)).toThrow(expect.objectContaining({ code: 'invalid-history', subject: 'version' }))
})

it.each<[string, unknown]>([
  ['no list', {}],
  ['a message without parts', [{ id: '1', role: 'user' }]],
  ['another role', [{ id: '1', role: 'system', parts: [] }]],
  ['a text without text', [answer({ type: 'text', state: 'done' } as unknown as MessagePart)]],
  ['a call of another state', [answer({ ...base, state: 'done', input: {} } as unknown as MessagePart)]],
  ['a question that is missing', [answer({ ...base, state: 'approval-requested', input: {} } as unknown as MessagePart)]],
  ['an unknown part', [answer({ type: 'file' } as unknown as MessagePart)]],
])('refuses %s', (_case, messages) => {
  expect(() => restoreMessages({ version: 1, messages })).toThrow(expect.objectContaining({ code: 'invalid-history', subject: 'messages' }))
})
