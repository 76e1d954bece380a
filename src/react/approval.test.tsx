import { act, fireEvent, render, renderHook, screen } from '@testing-library/react'
import { Profiler, startTransition, Suspense, use, useEffect, useState, type ReactNode } from 'react'
import { describe, expect, it, vi } from 'vitest'
import { config, settle, useCleanSlate } from '../../test/helpers/react.js'
import { engines } from '../../test/helpers/scriptedEngines.js'
import { isToolPart } from '../chat/isToolPart.js'
import type { ToolPart } from '../chat/types.js'
import { tool } from '../tools/index.js'
import { LLMProvider } from './LLMProvider.js'
import { useFunctionCalling, type FunctionCallingOptions, type UseFunctionCallingResult } from './useFunctionCalling.js'
import { useTool } from './useTool.js'

vi.mock('../engine/ModelEngine.js', async () => (await import('../../test/helpers/scriptedEngines.js')).engines.engineModule)

const wrapper = ({ children }: { children: ReactNode }) => <LLMProvider config={config}>{children}</LLMProvider>
const inputSchema = { type: 'object' } as const

let chat: UseFunctionCallingResult

function useChat(options?: FunctionCallingOptions): UseFunctionCallingResult {
  const result = useFunctionCalling(options)
  useEffect(() => {
    chat = result
  })
  return result
}

/** Shows the last call, with the two answers where it asks. */
function Chat(options: FunctionCallingOptions) {
  const { messages, status, addToolApproval } = useChat(options)
  const part = messages.at(-1)?.parts.findLast(isToolPart)
  return (
    <p data-testid="call" data-status={status}>
      {part?.state}
      {part?.state === 'approval-requested' &&
        [true, false].map((approved) => (
          <button key={String(approved)} onClick={() => addToolApproval({ toolCallId: part.toolCallId, approved })}>
            {approved ? 'Allow' : 'Deny'}
          </button>
        ))}
    </p>
  )
}

/** Sends a message that the model answers with a call of `pay`. */
async function call(name = 'pay'): Promise<void> {
  act(() => void chat.sendMessage({ text: 'Pay' }))
  await settle()
  const run = engines.last.runs.at(-1)
  run?.push({ type: 'tool-call', id: 'c1', name, input: {} })
  run?.finish('tool-calls')
  await settle()
}

const shown = () => screen.getByTestId('call')
const parts = (): ToolPart[] => chat.messages.flatMap((message) => message.parts.filter(isToolPart))

/** A tool of a component whose handler closes over its state. */
function Till({ log }: { log: string[] }) {
  const [currency, setCurrency] = useState('EUR')
  useTool({ name: 'pay', description: 'Pay', inputSchema, needsApproval: true, execute: () => log.push(currency) })
  return <button onClick={() => setCurrency('USD')}>Change currency</button>
}

describe('a question', () => {
  useCleanSlate()

  it('is a status of its own, and the handler of the last render runs when it is allowed', async () => {
    const log: string[] = []
    render(<><Chat /><Till log={log} /></>, { wrapper })
    await call()
    expect(shown()).toHaveAttribute('data-status', 'awaiting-approval')
    expect(chat).toMatchObject({ isBusy: true, error: undefined })
    fireEvent.click(screen.getByRole('button', { name: 'Change currency' }))
    fireEvent.click(screen.getByRole('button', { name: 'Allow' }))
    await settle()
    expect(log).toEqual(['USD'])
    expect(shown()).toHaveTextContent('output-available')
    engines.last.runs.at(-1)?.finish()
    await settle()
    expect(chat.status).toBe('ready')
  })

  it('that is denied runs nothing, and the model goes on', async () => {
    const log: string[] = []
    render(<><Chat /><Till log={log} /></>, { wrapper })
    await call()
    fireEvent.click(screen.getByRole('button', { name: 'Deny' }))
    await settle()
    expect(log).toEqual([])
    expect(shown()).toHaveTextContent('output-denied')
    expect(engines.last.runs).toHaveLength(2)
  })

  it('about a tool whose component has gone ends in an error for the model', async () => {
    const log: string[] = []
    const app = (isOpen: boolean) => <><Chat />{isOpen && <Till log={log} />}</>
    const { rerender } = render(app(true), { wrapper })
    await call()
    rerender(app(false))
    fireEvent.click(screen.getByRole('button', { name: 'Allow' }))
    await settle()
    expect(log).toEqual([])
    expect(parts()).toMatchObject([{ state: 'output-error', errorCode: 'unknown-tool' }])
  })

  it('ends with the component that asks it', async () => {
    const log: string[] = []
    const onFinish = vi.fn()
    const app = (isOpen: boolean) => <>{isOpen && <Chat onFinish={onFinish} />}<Till log={log} /></>
    const { rerender } = render(app(true), { wrapper })
    await call()
    rerender(app(false))
    await settle()
    expect(() => chat.addToolApproval({ toolCallId: 'c1', approved: true })).toThrow('no call "c1" waits')
    expect(log).toEqual([])
    expect(onFinish).not.toHaveBeenCalled()
  })

  it('can be answered in a transition, while another part of the page is suspended', async () => {
    const log: string[] = []
    let open: () => void = () => undefined
    const promise = new Promise<void>((resolve) => (open = resolve))
    function Slow() {
      const [wait, setWait] = useState(false)
      if (wait) use(promise)
      const answer = () =>
        startTransition(() => {
          setWait(true)
          chat.addToolApproval({ toolCallId: 'c1', approved: true })
        })
      return <button onClick={answer}>Allow slowly</button>
    }
    render(<><Chat /><Till log={log} /><Suspense fallback="waiting"><Slow /></Suspense></>, { wrapper })
    await call()
    await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Allow slowly' })))
    await settle()
    expect(log).toEqual(['EUR'])
    expect(shown()).toHaveTextContent('output-available')
    await act(async () => open())
    expect(shown()).toHaveTextContent('output-available')
  })
})

describe('a tool without a handler', () => {
  useCleanSlate()

  it('gets its result from any component', async () => {
    function Size({ messages, addToolResult }: Pick<UseFunctionCallingResult, 'messages' | 'addToolResult'>) {
      useTool({ name: 'choose_size', description: 'Lets the user choose', inputSchema })
      const waiting = messages.flatMap(({ parts }) => parts).find((part) => 'awaitsResult' in part && part.awaitsResult)
      return waiting && isToolPart(waiting) ? (
        <button onClick={() => addToolResult({ toolCallId: waiting.toolCallId, output: 'L' })}>Large</button>
      ) : null
    }
    function App() {
      const { messages, addToolResult } = useChat()
      return <Size messages={messages} addToolResult={addToolResult} />
    }
    render(<App />, { wrapper })
    await call('choose_size')
    fireEvent.click(screen.getByRole('button', { name: 'Large' }))
    await settle()
    expect(screen.queryByRole('button')).toBeNull()
    expect(parts()).toMatchObject([{ state: 'output-available', output: 'L' }])
    expect(engines.last.runs[1]?.request.messages.at(-1)).toMatchObject({ role: 'tool', content: '"L"' })
  })
})

describe('functions and renders', () => {
  useCleanSlate()

  it('are the same functions in every render', async () => {
    const { result, rerender } = renderHook(() => useFunctionCalling({ tools: [] }), { wrapper })
    const { addToolApproval, addToolResult } = result.current
    rerender()
    expect(result.current).toMatchObject({ addToolApproval, addToolResult })
  })

  it('of arguments that stream come once a frame, field by field, where messages are read and nowhere else', async () => {
    const counts = { messages: 0, other: 0 }
    const paint = tool({ name: 'paint', description: 'Paint', inputSchema, execute: () => null })
    const seen: string[] = []
    function Messages() {
      const part = useChat({ tools: [paint] }).messages.at(-1)?.parts.find(isToolPart)
      useEffect(() => {
        if (part?.state === 'input-streaming') seen.push(JSON.stringify(part.partialInput) ?? 'nothing')
      })
      return null
    }
    function Other() {
      const { status, sendMessage } = useFunctionCalling()
      return <button onClick={() => void sendMessage({ text: 'x' })}>{status}</button>
    }
    render(
      <>
        <Profiler id="messages" onRender={() => counts.messages++}><Messages /></Profiler>
        <Profiler id="other" onRender={() => counts.other++}><Other /></Profiler>
      </>,
      { wrapper, reactStrictMode: false },
    )
    act(() => void chat.sendMessage({ text: 'Paint' }))
    await settle()
    vi.useFakeTimers()
    const run = engines.last.runs[0]
    run?.push({ type: 'tool-input-start', id: 'c1', name: 'paint' })
    await settle(50)
    const before = { ...counts }
    const json = `{"color":"${'r'.repeat(60)}","size":12,"text":"${'x'.repeat(60)}"`
    for (const delta of json) {
      run?.push({ type: 'tool-input-delta', id: 'c1', delta })
      await settle(10)
    }
    expect(counts.messages - before.messages).toBeLessThanOrEqual(Math.ceil((json.length * 10) / 16) + 1)
    expect(counts.messages - before.messages).toBeGreaterThan(40)
    expect(counts.other).toBe(before.other)
    expect(seen.some((text) => /^\{"color":"r{5,40}"\}$/.test(text))).toBe(true)
    expect(seen.some((text) => /^\{"color":"r{60}","size":12,"text":"x+"\}$/.test(text))).toBe(true)
    act(() => chat.stop())
  })
})
