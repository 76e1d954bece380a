import { act, createEvent, fireEvent, render, screen, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { ScriptedEngine } from '../../test/helpers/ScriptedEngine.js'
import type { UIMessage } from '../chat/types.js'
import { LLMError } from '../errors/index.js'
import { LLMProvider, useFunctionCalling } from '../react/index.js'
import { tool } from '../tools/index.js'
import { Chat, type ChatProps } from './Chat.js'

const question: UIMessage = { id: '1', role: 'user', parts: [{ type: 'text', text: 'Why?', state: 'done' }] }

function renderChat(props: Partial<ChatProps> = {}) {
  const functions = { sendMessage: vi.fn(), stop: vi.fn(), regenerate: vi.fn(), clearError: vi.fn() }
  const all: ChatProps = { messages: [], status: 'ready', ...functions, ...props }
  const { rerender } = render(<Chat {...all} />)
  return { ...functions, box: screen.getByRole('textbox'), update: (next: Partial<ChatProps>) => rerender(<Chat {...all} {...next} />) }
}

const dots = () => document.querySelector('.edge-llm-dots')

describe('writing a message', () => {
  it('sends the trimmed text with Enter and empties the box', async () => {
    const { box, sendMessage } = renderChat()
    await userEvent.type(box, '  Make it blue {Enter}')
    expect(sendMessage).toHaveBeenCalledExactlyOnceWith({ text: 'Make it blue' })
    expect(box).toHaveValue('')
  })

  it('breaks the line with Shift+Enter', async () => {
    const { box, sendMessage } = renderChat()
    await userEvent.type(box, 'one{Shift>}{Enter}{/Shift}two')
    expect(box).toHaveValue('one\ntwo')
    expect(sendMessage).not.toHaveBeenCalled()
  })

  it('leaves the Enter that ends a composition to the input method', async () => {
    const { box, sendMessage } = renderChat()
    await userEvent.type(box, 'にほん')
    const enter = createEvent.keyDown(box, { key: 'Enter', isComposing: true })
    fireEvent(box, enter)
    expect(sendMessage).not.toHaveBeenCalled()
    expect(box).toHaveValue('にほん')
  })

  it('sends nothing that is blank', async () => {
    const { box, sendMessage } = renderChat()
    await userEvent.type(box, '   {Enter}')
    await userEvent.click(screen.getByRole('button', { name: 'Send' }))
    expect(sendMessage).not.toHaveBeenCalled()
  })

  it('keeps a text that is written while an answer streams until the turn has ended', async () => {
    const { box, sendMessage, update } = renderChat({ status: 'streaming', messages: [question] })
    await userEvent.type(box, 'next{Enter}')
    expect(sendMessage).not.toHaveBeenCalled()
    update({ status: 'ready', messages: [question] })
    await userEvent.type(box, '{Enter}')
    expect(sendMessage).toHaveBeenCalledExactlyOnceWith({ text: 'next' })
  })

  it('offers suggestions only while the conversation is empty', async () => {
    const { sendMessage, update } = renderChat({ suggestions: ['Make it red'] })
    await userEvent.click(screen.getByRole('button', { name: 'Make it red' }))
    expect(sendMessage).toHaveBeenCalledWith({ text: 'Make it red' })
    update({ messages: [question], suggestions: ['Make it red'] })
    expect(screen.queryByRole('button', { name: 'Make it red' })).toBeNull()
  })

  it('accepts nothing when disabled', () => {
    const { box } = renderChat({ disabled: true, suggestions: ['Make it red'] })
    expect(box).toBeDisabled()
    expect(screen.getByRole('button', { name: 'Make it red' })).toBeDisabled()
  })
})

describe('an answer under way', () => {
  it('can be stopped, and the keyboard stays in the text box', async () => {
    const { box, stop } = renderChat({ status: 'streaming', messages: [question] })
    await userEvent.click(screen.getByRole('button', { name: 'Stop' }))
    expect(stop).toHaveBeenCalledOnce()
    expect(box).toHaveFocus()
    expect(screen.queryByRole('button', { name: 'Send' })).toBeNull()
  })

  it('is not read out word by word: the log is busy until the end', () => {
    const { update } = renderChat({ status: 'streaming', messages: [question] })
    expect(screen.getByRole('log', { name: 'Conversation' })).toHaveAttribute('aria-busy', 'true')
    expect(screen.getByRole('status')).toHaveTextContent('Answering')
    update({ status: 'ready', messages: [question] })
    expect(screen.getByRole('log')).toHaveAttribute('aria-busy', 'false')
    expect(screen.getByRole('status')).toBeEmptyDOMElement()
  })

  it('shows that something goes on where no message shows it itself', () => {
    const answer = (part: UIMessage['parts'][number]): UIMessage[] => [question, { id: '2', role: 'assistant', parts: [part] }]
    const call = { type: 'tool-a', toolName: 'a', toolCallId: 'c', input: {} } as const
    const { update } = renderChat({ status: 'submitted', messages: [question] })
    expect(dots()).toBeInTheDocument()
    update({ status: 'streaming', messages: answer({ type: 'text', text: 'Be', state: 'streaming' }) })
    expect(dots()).toBeNull()
    update({ status: 'streaming', messages: answer({ ...call, state: 'input-available' }) })
    expect(dots()).toBeNull()
    update({ status: 'streaming', messages: answer({ ...call, state: 'output-available', output: 1 }) })
    expect(dots()).toBeInTheDocument()
    update({ status: 'ready', messages: answer({ ...call, state: 'output-available', output: 1 }) })
    expect(dots()).toBeNull()
  })

  it('shows what the app gives for the wait', () => {
    renderChat({ status: 'submitted', messages: [question], pending: <p>42 %</p> })
    expect(screen.getByText('42 %')).toBeVisible()
    expect(dots()).toBeNull()
  })
})

describe('a failed turn', () => {
  const failure = (recoverable: boolean) =>
    new LLMError({ code: 'session-failed', message: 'The session failed. Send again.', recoverable })

  it('says what to do and tries again', async () => {
    const { regenerate, clearError } = renderChat({ status: 'error', messages: [question], error: failure(true) })
    const alert = within(screen.getByRole('alert'))
    expect(alert.getByText('The session failed. Send again.')).toBeVisible()
    expect(alert.getByText('session-failed')).toBeVisible()
    await userEvent.click(alert.getByRole('button', { name: 'Try again' }))
    expect(regenerate).toHaveBeenCalledOnce()
    await userEvent.click(alert.getByRole('button', { name: 'Dismiss' }))
    expect(clearError).toHaveBeenCalledOnce()
  })

  it('offers no retry where it cannot help', () => {
    renderChat({ status: 'error', messages: [question], error: failure(false) })
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull()
  })
})

it('speaks other languages', () => {
  renderChat({ labels: { message: 'Nachricht', send: 'Senden' } })
  expect(screen.getByRole('textbox', { name: 'Nachricht' })).toBeVisible()
  expect(screen.getByRole('button', { name: 'Senden' })).toBeVisible()
})

it('runs on what useFunctionCalling returns', async () => {
  const engine = new ScriptedEngine()
  const App = () => <Chat {...useFunctionCalling({})} />
  render(
    <LLMProvider engine={engine}>
      <App />
    </LLMProvider>,
  )
  await userEvent.type(screen.getByRole('textbox'), 'Why?{Enter}')
  await vi.waitFor(() => expect(engine.runs).toHaveLength(1))
  const [run] = engine.runs
  act(() => {
    run?.push({ type: 'start', promptTokens: 3, reusedTokens: 0 })
    run?.text('Because')
  })
  const answer = await screen.findByRole('article', { name: 'Assistant' })
  expect(answer).toHaveTextContent('Because')
  await userEvent.click(screen.getByRole('button', { name: 'Stop' }))
  expect(await screen.findByText('Stopped')).toBeVisible()
  expect(run?.signal?.aborted).toBe(true)
  expect(screen.getByRole('button', { name: 'Send' })).toBeVisible()
})

describe('a call that asks for permission', () => {
  const asking: UIMessage = {
    id: '2',
    role: 'assistant',
    parts: [
      {
        ...{ type: 'tool-pay', toolName: 'pay', toolCallId: 'c', state: 'approval-requested', input: { amount: 5 } },
        approval: { because: ['needs-approval'] },
      },
    ],
  }

  it('is answered in the conversation; the turn counts as under way and can be stopped', async () => {
    const addToolApproval = vi.fn(() => {
      throw new Error('answered already')
    })
    const { stop } = renderChat({ messages: [question, asking], status: 'awaiting-approval', addToolApproval })
    expect(screen.getByRole('status')).toHaveTextContent('Waiting for your permission')
    expect(dots()).toBeNull()
    await userEvent.click(screen.getByRole('button', { name: 'Deny' }))
    expect(addToolApproval).toHaveBeenCalledExactlyOnceWith({ toolCallId: 'c', approved: false })
    await userEvent.click(screen.getByRole('button', { name: 'Stop' }))
    expect(stop).toHaveBeenCalledOnce()
  })

  it('runs when it is allowed, from the question to the last word', async () => {
    const engine = new ScriptedEngine()
    const execute = vi.fn(() => 'paid')
    const pay = tool({ name: 'pay', description: 'Pay', inputSchema: { type: 'object' }, needsApproval: true, execute })
    function App() {
      return <Chat {...useFunctionCalling({ tools: [pay] })} />
    }
    render(<LLMProvider engine={engine}><App /></LLMProvider>)
    await userEvent.type(screen.getByRole('textbox'), 'Pay{Enter}')
    await vi.waitFor(() => expect(engine.runs).toHaveLength(1))
    engine.runs[0]?.push({ type: 'tool-call', id: 'c', name: 'pay', input: {} })
    engine.runs[0]?.finish('tool-calls')
    await userEvent.click(await screen.findByRole('button', { name: 'Allow' }))
    await screen.findByRole('region', { name: 'pay: Done' })
    expect(execute).toHaveBeenCalledOnce()
    expect(screen.getByRole('log')).toHaveAttribute('aria-busy', 'true')
    act(() => engine.runs[1]?.finish())
    await vi.waitFor(() => expect(screen.getByRole('log')).toHaveAttribute('aria-busy', 'false'))
  })
})

it('shows a call as its tool draws it, or as the card, which asks where the drawing throws', async () => {
  const engine = new ScriptedEngine()
  const inputSchema = { type: 'object' } as const
  const draw = tool({ name: 'draw', description: 'Draw', inputSchema, execute: () => 1, render: ({ part }) => <b>drawing: {part.state}</b> })
  const broken = tool({
    ...{ name: 'broken', description: 'Break', inputSchema, needsApproval: true, execute: () => 1 },
    render: () => {
      throw new Error('no drawing')
    },
  })
  function App() {
    return <Chat {...useFunctionCalling({ tools: [draw, broken], onDoubt: 'execute' })} />
  }
  render(<LLMProvider engine={engine}><App /></LLMProvider>, { onCaughtError: () => undefined })
  await userEvent.type(screen.getByRole('textbox'), 'Draw{Enter}')
  await vi.waitFor(() => expect(engine.runs).toHaveLength(1))
  engine.runs[0]?.push({ type: 'tool-call', id: 'a', name: 'draw', input: {} }, { type: 'tool-call', id: 'b', name: 'broken', input: {} })
  engine.runs[0]?.finish('tool-calls')
  expect(await screen.findByText('drawing: output-available')).toBeVisible()
  expect(screen.queryByRole('region', { name: /^draw/ })).toBeNull()
  await userEvent.click(await screen.findByRole('button', { name: 'Allow' }))
  expect(await screen.findByRole('region', { name: 'broken: Done' })).toBeVisible()
})
