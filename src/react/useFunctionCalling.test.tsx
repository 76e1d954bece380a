import { act, render, renderHook, screen } from '@testing-library/react'
import { Activity, startTransition, Suspense, use, useState, type ReactNode } from 'react'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { Boundary, config, settle, useCleanSlate } from '../../test/helpers/react.js'
import type { ScriptedRun } from '../../test/helpers/ScriptedEngine.js'
import { engines } from '../../test/helpers/scriptedEngines.js'
import { isToolPart } from '../chat/isToolPart.js'
import type { UIMessage } from '../chat/types.js'
import { LLMError } from '../errors/index.js'
import { tool } from '../tools/index.js'
import { LLMProvider } from './LLMProvider.js'
import { useFunctionCalling, type FunctionCallingOptions, type UseFunctionCallingResult } from './useFunctionCalling.js'

vi.mock('../engine/ModelEngine.js', async () => (await import('../../test/helpers/scriptedEngines.js')).engines.engineModule)

const wrapper = ({ children }: { children: ReactNode }) => <LLMProvider config={config}>{children}</LLMProvider>

const textOf = (message: UIMessage | undefined): string =>
  message?.parts.map((part) => (part.type === 'text' ? part.text : '')).join('') ?? ''

const run = (index = -1): ScriptedRun => {
  const found = engines.last.runs.at(index)
  if (!found) throw new Error('Nothing is being generated.')
  return found
}

/** Sends a message and waits until the engine generates. */
async function send(result: { current: UseFunctionCallingResult }, text = 'Hi'): Promise<void> {
  act(() => void result.current.sendMessage({ text }))
  await settle()
}

const hook = (options?: FunctionCallingOptions) =>
  renderHook((props: FunctionCallingOptions | undefined) => useFunctionCalling(props), { wrapper, initialProps: options })

describe('a turn', () => {
  useCleanSlate()

  it('walks through submitted and streaming to ready', async () => {
    const { result } = hook()
    expect(result.current).toMatchObject({ status: 'ready', isBusy: false, messages: [], error: undefined })
    await send(result)
    expect(result.current).toMatchObject({ status: 'submitted', isBusy: true })
    expect(result.current.messages.map(textOf)).toEqual(['Hi'])
    run().text('Hel')
    await settle()
    expect(result.current).toMatchObject({ status: 'streaming', isBusy: true })
    run().text('lo')
    run().finish()
    await settle()
    expect(result.current).toMatchObject({ status: 'ready', isBusy: false })
    expect(result.current.messages.map(textOf)).toEqual(['Hi', 'Hello'])
  })

  it('is submitted in the same render that follows the call', () => {
    const { result } = hook()
    act(() => void result.current.sendMessage({ text: 'Hi' }))
    expect(result.current.status).toBe('submitted')
  })

  it('ends where it was by stop, which is no error', async () => {
    const { result } = hook()
    await send(result)
    run().text('Hel')
    await settle()
    act(() => result.current.stop())
    expect(result.current).toMatchObject({ status: 'ready', error: undefined })
    expect(textOf(result.current.messages[1])).toBe('Hel')
    expect(run().signal?.aborted).toBe(true)
  })

  it('shows an error, clears it, and is answered anew', async () => {
    const onError = vi.fn()
    const { result } = hook({ onError })
    await send(result)
    const error = new LLMError({ code: 'out-of-memory', message: 'no memory', recoverable: true })
    await act(async () => run().fail(error))
    await settle()
    expect(result.current).toMatchObject({ status: 'error', isBusy: false, error })
    expect(onError).toHaveBeenCalledWith(error)
    act(() => result.current.clearError())
    expect(result.current).toMatchObject({ status: 'ready', error: undefined })
    act(() => void result.current.regenerate())
    await settle()
    expect(engines.last.runs).toHaveLength(2)
    run().text('Hello')
    run().finish()
    await settle()
    expect(result.current.messages.map(textOf)).toEqual(['Hi', 'Hello'])
  })

  it('starts from initialMessages and can be given others', () => {
    const message = (id: string): UIMessage => ({ id, role: 'user', parts: [{ type: 'text', text: id, state: 'done' }] })
    const { result, rerender } = hook({ initialMessages: [message('a')] })
    expect(result.current.messages.map(({ id }) => id)).toEqual(['a'])
    rerender({ initialMessages: [message('b')] })
    expect(result.current.messages.map(({ id }) => id)).toEqual(['a'])
    act(() => result.current.setMessages([message('c')]))
    expect(result.current.messages.map(({ id }) => id)).toEqual(['c'])
  })

  it('has the same functions in every render', async () => {
    const { result, rerender } = hook({ tools: [] })
    const { sendMessage, regenerate, stop, setMessages, clearError } = result.current
    await send(result)
    rerender({ tools: [], system: 'Be brief.' })
    expect(result.current).toMatchObject({ sendMessage, regenerate, stop, setMessages, clearError })
  })

  it('is independent of other conversations on the same engine', async () => {
    const { result } = renderHook(() => [useFunctionCalling(), useFunctionCalling()] as const, { wrapper })
    act(() => void result.current[0].sendMessage({ text: 'one' }))
    act(() => void result.current[1].sendMessage({ text: 'two' }))
    await settle()
    expect(engines.made).toHaveLength(1)
    expect(engines.last.runs).toHaveLength(2)
    act(() => result.current[0].stop())
    expect(result.current.map(({ status }) => status)).toEqual(['ready', 'submitted'])
    run(1).text('Hello')
    run(1).finish()
    await settle()
    expect(result.current.map(({ messages }) => messages.map(textOf))).toEqual([['one'], ['two', 'Hello']])
  })
})

describe('options', () => {
  useCleanSlate()

  it('are read anew at each step, and the newest handler is the one called', async () => {
    const calls: string[] = []
    const options = (closure: string): FunctionCallingOptions => ({
      system: closure,
      tools: [
        tool({
          name: 'set_color',
          description: 'Sets the colour',
          inputSchema: z.object({ color: z.string() }),
          execute: ({ color }) => {
            calls.push(`${closure}: ${color}`)
            return { color }
          },
        }),
      ],
      onFinish: () => calls.push(`${closure}: finished`),
    })
    const { result, rerender } = hook(options('first'))
    await send(result, 'Make it blue')
    expect(run().request.messages[0]).toMatchObject({ content: 'first' })
    rerender(options('second'))
    run().push({ type: 'tool-call', id: 'c1', name: 'set_color', input: { color: 'blue' } })
    run().finish('tool-calls')
    await settle()
    expect(run().request.messages[0]).toMatchObject({ content: 'second' })
    rerender(options('third'))
    run().text('Done')
    run().finish()
    await settle()
    expect(calls).toEqual(['second: blue', 'third: finished'])
    expect(result.current.messages[1]?.parts.find(isToolPart)).toMatchObject({
      type: 'tool-set_color',
      state: 'output-available',
      output: { color: 'blue' },
    })
  })

  it('with two tools of one name end in the error duplicate-tool', async () => {
    const same = tool({ name: 'a', description: 'A', inputSchema: z.object({}), execute: () => 1 })
    const { result } = hook({ tools: [same, same] })
    await send(result)
    expect(result.current).toMatchObject({ status: 'error', error: { code: 'duplicate-tool', subject: 'a' } })
  })
})

describe('mounting', () => {
  useCleanSlate()

  it('ends the turn when the component unmounts in the middle of a stream', async () => {
    const onFinish = vi.fn()
    const { result, unmount } = hook({ onFinish })
    await send(result)
    const { signal } = run()
    run().text('Hel')
    await settle()
    unmount()
    await settle()
    expect(signal?.aborted).toBe(true)
    expect(onFinish).not.toHaveBeenCalled()
  })

  it('goes on while an Activity hides it', async () => {
    let chat: UseFunctionCallingResult | undefined
    function Chat() {
      chat = useFunctionCalling()
      return <p>{chat.messages.map(textOf).join('|')}</p>
    }
    const app = (mode: 'visible' | 'hidden') => (
      <LLMProvider config={config}><Activity mode={mode}><Chat /></Activity></LLMProvider>
    )
    const { rerender } = render(app('visible'))
    act(() => void chat?.sendMessage({ text: 'Hi' }))
    await settle()
    rerender(app('hidden'))
    run().text('Hello')
    run().finish()
    await settle()
    rerender(app('visible'))
    expect(screen.getByText('Hi|Hello')).toBeVisible()
  })

  it('is stopped, not failed, by another config, and goes on with the new engine', async () => {
    let chat: UseFunctionCallingResult | undefined
    function Chat() {
      chat = useFunctionCalling()
      return <p>{chat.messages.map(textOf).join('|')}</p>
    }
    const app = (id: string) => <LLMProvider config={{ models: { onnx: id } }}><Chat /></LLMProvider>
    const { rerender } = render(app('/models/a'))
    act(() => void chat?.sendMessage({ text: 'Hi' }))
    await settle()
    run().text('Hel')
    await settle()
    rerender(app('/models/b'))
    await settle()
    expect(chat).toMatchObject({ status: 'ready', error: undefined })
    expect(chat?.messages[1]?.metadata?.interrupted).toBe('stopped')
    act(() => void chat?.sendMessage({ text: 'Again' }))
    await settle()
    expect(engines.made).toHaveLength(2)
    run().text('Hello')
    run().finish()
    await settle()
    expect(screen.getByText('Hi|Hel|Again|Hello')).toBeInTheDocument()
  })

  it('cannot happen outside of a provider', () => {
    function Lost() {
      useFunctionCalling()
      return null
    }
    render(<Boundary><Lost /></Boundary>, { onCaughtError: () => undefined })
    expect(screen.getByRole('alert')).toHaveTextContent('invalid-config: useFunctionCalling was called outside')
  })

  it('streams on through transitions and Suspense', async () => {
    let open: () => void = () => undefined
    const promise = new Promise<void>((resolve) => (open = resolve))
    let chat: UseFunctionCallingResult | undefined
    let setWait: (wait: boolean) => void = () => undefined
    function Panel() {
      const [wait, set] = useState(false)
      setWait = set
      if (wait) use(promise)
      chat = useFunctionCalling()
      return <p data-testid="chat">{`${wait} ${chat.messages.map(textOf).join('|')}`}</p>
    }
    render(<Suspense fallback="waiting"><Panel /></Suspense>, { wrapper })
    act(() => void chat?.sendMessage({ text: 'Hi' }))
    await settle()
    await act(async () => startTransition(() => setWait(true)))
    for (const text of ['a', 'b', 'c']) {
      run().text(text)
      await settle()
    }
    expect(screen.getByTestId('chat')).toHaveTextContent('false Hi|abc')
    await act(async () => open())
    expect(screen.getByTestId('chat')).toHaveTextContent('true Hi|abc')
    run().finish()
    await settle()
    expect(chat?.status).toBe('ready')
  })
})

describe('renders of a stream of 100 tokens a second', () => {
  useCleanSlate()

  it('come once a frame where messages are read, and nowhere else', async () => {
    const counts = { messages: 0, sender: 0, status: 0, sibling: 0 }
    let chats: UseFunctionCallingResult[] = []
    function Messages() {
      counts.messages++
      const chat = useFunctionCalling()
      chats = [chat]
      return <p data-testid="text">{textOf(chat.messages[1])}</p>
    }
    function Sibling() {
      counts.sibling++
      return null
    }
    let sender: UseFunctionCallingResult['sendMessage'] | undefined
    let status: UseFunctionCallingResult | undefined
    function Sender() {
      counts.sender++
      sender = useFunctionCalling().sendMessage
      return null
    }
    function Status() {
      counts.status++
      status = useFunctionCalling()
      return status.status
    }
    render(<LLMProvider config={config}><Messages /><Sender /><Status /><Sibling /></LLMProvider>, { reactStrictMode: false })
    act(() => {
      void chats[0]?.sendMessage({ text: 'Hi' })
      void sender?.({ text: 'Hi' })
      void status?.sendMessage({ text: 'Hi' })
    })
    await settle()
    const { runs } = engines.last
    expect(runs).toHaveLength(3)
    vi.useFakeTimers()
    runs.forEach((each) => each.text('.'))
    await settle(50)
    const before = { ...counts }
    for (let token = 0; token < 100; token++) {
      runs.forEach((each) => each.text('x'))
      await settle(10)
    }
    expect(screen.getByTestId('text')).toHaveTextContent(/^\.x{99,100}$/)
    expect(counts.messages - before.messages).toBeGreaterThan(30)
    expect(counts.messages - before.messages).toBeLessThanOrEqual(63)
    expect({ ...counts, messages: 0 }).toEqual({ ...before, messages: 0 })
    // What was not shown is there when asked for.
    expect(textOf(status?.messages[1])).toMatch(/^\.x{99,100}$/)
    runs.forEach((each) => each.finish())
    await settle(50)
    expect(counts.sender).toBe(before.sender)
    expect(counts.sibling).toBe(before.sibling)
  })
})
