import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { metrics } from '../../test/helpers/ScriptedEngine.js'
import type { ChatStatus, UIMessage } from '../chat/types.js'
import { useTokenRate } from './useTokenRate.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function answer(text: string, completionTokens?: number): UIMessage {
  const metadata = completionTokens === undefined ? undefined : { metrics: { ...metrics, completionTokens } }
  return { id: text, role: 'assistant', parts: [{ type: 'text', text, state: 'streaming' }], metadata }
}

function setUp() {
  const hook = renderHook(({ messages, status }) => useTokenRate(messages, status), {
    initialProps: { messages: [] as UIMessage[], status: 'submitted' as ChatStatus },
  })
  return {
    rates: () => hook.result.current,
    step: (messages: UIMessage[], status: ChatStatus, milliseconds = 0) => {
      hook.rerender({ messages, status })
      act(() => void vi.advanceTimersByTime(milliseconds))
    },
  }
}

it('measures how the text grows, four characters a token', () => {
  const { rates, step } = setUp()
  step([answer('')], 'streaming')
  step([answer('x'.repeat(10))], 'streaming', 250)
  expect(rates()).toEqual([10])
  step([answer('x'.repeat(10))], 'streaming', 250)
  expect(rates()).toEqual([10, 5])
})

it('holds still after the end, and begins anew with the next answer', () => {
  const { rates, step } = setUp()
  step([answer('')], 'streaming')
  step([answer('x'.repeat(10))], 'streaming', 250)
  step([answer('x'.repeat(10))], 'ready', 2000)
  expect(rates()).toEqual([10])
  step([answer('')], 'streaming')
  expect(rates()).toEqual([10])
  step([answer('x'.repeat(20))], 'streaming', 250)
  expect(rates()).toEqual([20])
})

it('learns from finished messages how long a token is', () => {
  const { rates, step } = setUp()
  const finished = answer('x'.repeat(80), 40)
  step([finished, answer('')], 'streaming')
  step([finished, answer('x'.repeat(10))], 'streaming', 250)
  expect(rates()).toEqual([20])
})

it('never goes below zero when another message takes over', () => {
  const { rates, step } = setUp()
  step([answer('x'.repeat(100))], 'streaming')
  step([answer('x')], 'streaming', 250)
  expect(rates()).toEqual([0])
})
