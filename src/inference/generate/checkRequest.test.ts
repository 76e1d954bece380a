import { expect, it } from 'vitest'
import type { GenerateRequest } from '../types.js'
import { checkRequest } from './checkRequest.js'

const messages = [{ role: 'user', content: 'Hi' }]

it('accepts what the types allow', () => {
  const request = { messages, temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, seed: -3, maxTokens: 1, stop: [''], toolCallBias: -1.5 }
  expect(() => checkRequest(request as GenerateRequest)).not.toThrow()
  expect(() => checkRequest({ messages, seed: undefined, stop: undefined } as GenerateRequest)).not.toThrow()
})

it.each<[string, object]>([
  ['messages', { messages: [] }],
  ['messages', { messages: 'Hi' }],
  ['messages[1].content', { messages: [...messages, { role: 'user', content: null }] }],
  ['temperature', { temperature: -1 }],
  ['temperature', { temperature: Number.NaN }],
  ['temperature', { temperature: '1' }],
  ['topK', { topK: 1.5 }],
  ['topP', { topP: 0 }],
  ['minP', { minP: 2 }],
  ['repetitionPenalty', { repetitionPenalty: 0 }],
  ['seed', { seed: 0.5 }],
  ['maxTokens', { maxTokens: 0 }],
  ['maxTokens', { maxTokens: Number.POSITIVE_INFINITY }],
  ['toolCallBias', { toolCallBias: Number.NaN }],
  ['stop', { stop: 'END' }],
])('names %s in %j', (subject, change) => {
  expect(() => checkRequest({ messages, ...change } as GenerateRequest)).toThrow(
    expect.objectContaining({ code: 'invalid-request', subject }),
  )
})
