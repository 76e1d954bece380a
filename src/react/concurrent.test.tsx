import { act, render, screen } from '@testing-library/react'
import { memo, startTransition, Suspense, use, useDeferredValue, useEffect, useState } from 'react'
import { describe, expect, it, vi } from 'vitest'
import { config, settle, useCleanSlate } from '../../test/helpers/react.js'
import type { ScriptedRun } from '../../test/helpers/ScriptedEngine.js'
import { engines } from '../../test/helpers/scriptedEngines.js'
import type { UIMessage } from '../chat/types.js'
import { tool } from './tool.js'
import { LLMProvider } from './LLMProvider.js'
import { useFunctionCalling, type UseFunctionCallingResult } from './useFunctionCalling.js'

vi.mock('../engine/ModelEngine.js', async () => (await import('../../test/helpers/scriptedEngines.js')).engines.engineModule)

let chat: UseFunctionCallingResult

const textOf = (messages: readonly UIMessage[]): string =>
  messages.at(-1)?.parts.map((part) => (part.type === 'text' ? part.text : '')).join('') ?? ''

async function send(): Promise<ScriptedRun> {
  act(() => void chat.sendMessage({ text: 'Hi' }))
  await settle()
  const run = engines.last.runs.at(-1)
  if (!run) throw new Error('Nothing is being generated.')
  return run
}

/** A promise for `use`, and what resolves it. */
function gate() {
  let open: () => void = () => undefined
  const promise = new Promise<void>((resolve) => (open = resolve))
  return { promise, open }
}

describe('while an answer streams', () => {
  useCleanSlate()

  it('a deferred list of messages lags behind, catches up, and agrees with itself in every render', async () => {
    const torn: string[] = []
    const lags: number[] = []
    const Slow = memo(function Slow({ messages }: { messages: readonly UIMessage[] }) {
      // Long enough that a frame comes while it renders.
      const end = performance.now() + 5
      while (performance.now() < end);
      return <p data-testid="slow">{textOf(messages)}</p>
    })
    const Half = ({ result }: { result: UseFunctionCallingResult }) => textOf(result.messages)
    function App() {
      const result = useFunctionCalling()
      const deferred = useDeferredValue(result.messages)
      useEffect(() => {
        chat = result
        const [a, b] = [screen.getByTestId('a').textContent, screen.getByTestId('b').textContent]
        if (a !== b) torn.push(`${a} | ${b}`)
        lags.push(textOf(result.messages).length - textOf(deferred).length)
      })
      return <><i data-testid="a"><Half result={result} /></i><Slow messages={deferred} /><b data-testid="b">{textOf(result.messages)}</b></>
    }
    render(<LLMProvider config={config}><App /></LLMProvider>, { reactStrictMode: false })
    const run = await send()
    for (let token = 0; token < 20; token++) {
      run.text('x')
      await settle(20)
    }
    run.finish()
    await settle()
    expect(torn).toEqual([])
    expect(Math.max(...lags)).toBeGreaterThan(0)
    expect(screen.getByTestId('slow')).toHaveTextContent(/^x{20}$/)
    expect(chat.status).toBe('ready')
  })

  it('a transition that renders many times meanwhile shows the newest text at its end', async () => {
    let setPage: (page: number) => void = () => undefined
    function App() {
      const result = useFunctionCalling()
      const [page, set] = useState(0)
      useEffect(() => {
        chat = result
        setPage = set
      }, [result])
      return <p data-testid="page">{`${page} ${textOf(result.messages)}`}</p>
    }
    render(<LLMProvider config={config}><App /></LLMProvider>)
    const run = await send()
    for (let page = 1; page <= 10; page++) {
      run.text('x')
      await act(async () => startTransition(() => setPage(page)))
      await settle(20)
    }
    expect(screen.getByTestId('page')).toHaveTextContent(/^10 x{10}$/)
    act(() => chat.stop())
  })

  it('a sibling that suspends hides the chat, which goes on and runs its calls', async () => {
    const { promise, open } = gate()
    const ran = vi.fn(() => 'done')
    const paint = tool({ name: 'paint', description: 'Paint', inputSchema: { type: 'object' }, execute: ran })
    let suspend: (wait: boolean) => void = () => undefined
    function Sibling() {
      const [wait, set] = useState(false)
      suspend = set
      if (wait) use(promise)
      return <i>sibling</i>
    }
    function Chat() {
      const result = useFunctionCalling({ tools: [paint], onDoubt: 'execute' })
      useEffect(() => {
        chat = result
      })
      return <p data-testid="chat">{textOf(result.messages)}</p>
    }
    render(<LLMProvider config={config}><Suspense fallback="waiting"><Chat /><Sibling /></Suspense></LLMProvider>)
    const first = await send()
    first.text('Let me ')
    await settle()
    await act(async () => suspend(true))
    expect(screen.getByText('waiting')).toBeVisible()
    expect(screen.getByTestId('chat')).not.toBeVisible()
    first.text('paint. ')
    first.push({ type: 'tool-call', id: 'c1', name: 'paint', input: {} })
    first.finish('tool-calls')
    await settle()
    expect(first.signal?.aborted).toBe(false)
    expect(ran).toHaveBeenCalledOnce()
    engines.last.runs.at(-1)?.text('Painted.')
    await settle()
    await act(async () => open())
    await settle()
    expect(screen.getByTestId('chat')).toBeVisible()
    expect(screen.getByTestId('chat')).toHaveTextContent('Let me paint. Painted.')
    expect(engines.last.runs).toHaveLength(2)
    act(() => chat.stop())
  })

  it('a component that unmounts is not rendered or told anything any more, and its handler is aborted', async () => {
    const told = vi.fn()
    let renders = 0
    let signal: AbortSignal | undefined
    const paint = tool({
      name: 'paint',
      description: 'Paint',
      inputSchema: { type: 'object' },
      execute: (_input, context) => {
        signal = context.signal
        return new Promise(() => undefined)
      },
    })
    function Chat() {
      renders++
      const result = useFunctionCalling({ tools: [paint], onDoubt: 'execute', onFinish: told, onError: told })
      useEffect(() => {
        chat = result
      })
      return textOf(result.messages)
    }
    const app = (isOpen: boolean) => <LLMProvider config={config}>{isOpen && <Chat />}</LLMProvider>
    const { rerender } = render(app(true))
    const run = await send()
    run.push({ type: 'tool-call', id: 'c1', name: 'paint', input: {} })
    run.finish('tool-calls')
    await settle()
    expect(signal?.aborted).toBe(false)
    const before = renders
    rerender(app(false))
    await settle()
    expect(signal?.aborted).toBe(true)
    run.text('more')
    await settle()
    expect({ renders, runs: engines.last.runs.length }).toEqual({ renders: before, runs: 1 })
    // What it held stays a valid history.
    expect(chat.messages[1]?.parts).toMatchObject([{ state: 'output-error', errorText: 'stopped' }])
    expect(told).not.toHaveBeenCalled()
    await expect(chat.sendMessage({ text: 'Hi' })).rejects.toMatchObject({ code: 'disposed' })
  })
})
