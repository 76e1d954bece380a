import { expect, it } from 'vitest'
import { toPrompt } from './toPrompt.js'
import type { MessagePart, ToolPart, UIMessage } from './types.js'

const text = (text: string): MessagePart => ({ type: 'text', text, state: 'done' })
const user = (...parts: MessagePart[]): UIMessage => ({ id: 'u', role: 'user', parts })
const assistant = (...parts: MessagePart[]): UIMessage => ({ id: 'a', role: 'assistant', parts })
const base = { type: 'tool-paint', toolName: 'paint', toolCallId: 'c' } as const
type Rest<Part> = Part extends ToolPart ? Omit<Part, keyof typeof base> : never
const paint = (rest: Rest<ToolPart>, toolCallId = 'c'): ToolPart => ({ ...base, ...rest, toolCallId })

it('puts a system prompt first unless it is blank', () => {
  expect(toPrompt([user(text('Hi'))], { system: 'Be brief.' })[0]).toEqual({ role: 'system', content: 'Be brief.' })
  expect(toPrompt([user(text('Hi'))], { system: ' \n' })).toEqual([{ role: 'user', content: 'Hi' }])
})

it('leaves reasoning out', () => {
  const message = assistant({ type: 'reasoning', text: 'Hm.', state: 'done' }, text('Yes.'))
  expect(toPrompt([message])).toEqual([{ role: 'assistant', content: 'Yes.' }])
})

it('keeps text to the blank, but for what stands before a call', () => {
  expect(toPrompt([assistant(text(' a \n'))])).toEqual([{ role: 'assistant', content: ' a \n' }])
  const call = paint({ state: 'output-available', input: {}, output: 1 })
  expect(toPrompt([assistant(text('a \n'), call)])[0]).toMatchObject({ content: 'a' })
})

it('keeps user and assistant messages alternating', () => {
  const roles = (messages: UIMessage[]): string[] => toPrompt(messages).map(({ role }) => role)
  expect(roles([user(text('1')), user(text('2')), assistant(), user(text('3'))])).toEqual(['user', 'assistant', 'user'])
  const unfinished = paint({ state: 'output-error', input: null, errorText: 'stopped' })
  expect(roles([user(text('1')), assistant(unfinished), user(text('2'))])).toEqual(['user', 'assistant', 'user'])
})

it('gives every call of a history that was saved in the middle of a turn a result', () => {
  const running = paint({ state: 'input-available', input: { a: 1 } })
  expect(toPrompt([assistant(text('Ok'), running)])).toEqual([
    { role: 'assistant', content: 'Ok', toolCalls: [{ id: 'c', name: 'paint', input: { a: 1 } }] },
    { role: 'tool', toolCallId: 'c', name: 'paint', content: '{"error":"interrupted"}' },
  ])
})

it('leaves calls out that were still being written', () => {
  const streaming = paint({ state: 'input-streaming', input: null, partialInput: { a: 1 }, rawInput: '{"a": 1' })
  expect(toPrompt([assistant(text('Ok'), streaming)])).toEqual([{ role: 'assistant', content: 'Ok' }])
})

it('keeps the steps of an answer apart', () => {
  const call = (id: string): ToolPart => paint({ state: 'output-available', input: { id }, output: id }, id)
  const messages = toPrompt([assistant(call('1'), call('2'), { type: 'step-start' }, call('3'), { type: 'step-start' }, text('Done'))])
  expect(messages.map((message) => ('toolCalls' in message ? message.toolCalls?.map(({ id }) => id) : message.content))).toEqual([
    ['1', '2'],
    '"1"',
    '"2"',
    ['3'],
    '"3"',
    'Done',
  ])
})
