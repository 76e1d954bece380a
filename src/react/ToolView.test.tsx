import { act, fireEvent, render, screen } from '@testing-library/react'
import { memo, StrictMode, useEffect, useState, type ReactNode } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { describe, expect, it, vi } from 'vitest'
import { config, settle, useCleanSlate } from '../../test/helpers/react.js'
import { engines } from '../../test/helpers/scriptedEngines.js'
import { isToolPart } from '../chat/isToolPart.js'
import type { UIMessage } from '../chat/types.js'
import { LLMProvider } from './LLMProvider.js'
import { tool } from './tool.js'
import { useFunctionCalling, type FunctionCallingOptions, type UseFunctionCallingResult } from './useFunctionCalling.js'
import { useTool } from './useTool.js'

vi.mock('../engine/ModelEngine.js', async () => (await import('../../test/helpers/scriptedEngines.js')).engines.engineModule)

const wrapper = ({ children }: { children: ReactNode }) => <LLMProvider config={config}>{children}</LLMProvider>
const inputSchema = { type: 'object', properties: { color: { type: 'string' } }, required: ['color'] } as const

let chat: UseFunctionCallingResult

/** Compares by identity, so that calls are drawn anew only where the kit sees to it. */
const Messages = memo(function Messages({ messages, renderTool }: Pick<UseFunctionCallingResult, 'messages' | 'renderTool'>) {
  const parts = messages.flatMap((message) => message.parts).filter(isToolPart)
  return <div data-testid="calls">{parts.map((part) => renderTool(part, <i key={part.toolCallId}>card {part.state}</i>))}</div>
})

function Chat(options: FunctionCallingOptions) {
  const result = useFunctionCalling({ onDoubt: 'execute', ...options })
  useEffect(() => {
    chat = result
  })
  return <Messages messages={result.messages} renderTool={result.renderTool} />
}

const shown = () => screen.getByTestId('calls')

async function startCall(name = 'paint'): Promise<void> {
  act(() => void chat.sendMessage({ text: 'Paint it' }))
  await settle()
  engines.last.runs.at(-1)?.push({ type: 'tool-input-start', id: 'c1', name })
  await settle()
}

async function endCall(name = 'paint', input: unknown = { color: 'red' }): Promise<void> {
  const run = engines.last.runs.at(-1)
  run?.push({ type: 'tool-call', id: 'c1', name, input })
  run?.finish('tool-calls')
  await settle()
}

const called: UIMessage = {
  id: '1',
  role: 'assistant',
  parts: [
    { ...{ type: 'tool-paint', toolName: 'paint', toolCallId: 'c1' }, state: 'output-available', input: { color: 'red' }, output: 'done' },
  ],
}

describe('a tool with render', () => {
  useCleanSlate()

  it('draws its calls from the first word to the result, where messages are shown', async () => {
    const paint = tool({
      name: 'paint',
      description: 'Paint',
      inputSchema,
      execute: ({ color }) => ({ painted: color }),
      render: ({ part }) => {
        if (part.state === 'input-streaming') return `painting ${part.partialInput?.color ?? '…'}`
        return part.state === 'output-available' ? `painted ${part.output.painted}` : part.state
      },
    })
    render(<Chat tools={[paint]} />, { wrapper })
    await startCall()
    expect(shown()).toHaveTextContent('painting …')
    engines.last.runs[0]?.push({ type: 'tool-input-delta', id: 'c1', delta: '{"color":"re' })
    await settle()
    expect(shown()).toHaveTextContent('painting re')
    await endCall()
    expect(shown()).toHaveTextContent('painted red')
    act(() => chat.stop())
  })

  it('asks and answers by itself', async () => {
    const log: string[] = []
    const paint = tool({
      name: 'paint',
      description: 'Paint',
      inputSchema,
      needsApproval: true,
      execute: ({ color }) => log.push(color),
      render: ({ part, approve, deny }) =>
        part.state === 'approval-requested' ? (
          <>
            <button onClick={approve}>Yes</button>
            <button onClick={() => deny('too red')}>No</button>
          </>
        ) : part.state === 'output-denied' ? part.approval.reason : part.state,
    })
    render(<Chat tools={[paint]} />, { wrapper })
    await startCall()
    await endCall()
    fireEvent.click(screen.getByRole('button', { name: 'Yes' }))
    await settle()
    expect(log).toEqual(['red'])
    expect(shown()).toHaveTextContent('output-available')
    act(() => chat.stop())
    act(() => chat.setMessages([]))
    await startCall()
    await endCall()
    fireEvent.click(screen.getByRole('button', { name: 'No' }))
    await settle()
    expect(log).toEqual(['red'])
    expect(shown()).toHaveTextContent('too red')
    expect(engines.last.runs.at(-1)?.request.messages.at(-1)?.content).toContain('too red')
    act(() => chat.stop())
  })

  it('gives the result of a call that has no handler', async () => {
    const ask = tool({
      name: 'ask',
      description: 'Ask',
      inputSchema: { type: 'object' },
      render: ({ part, addToolResult }) =>
        part.state === 'input-available' && part.awaitsResult ? (
          <button onClick={() => addToolResult({ output: 'blue' })}>Blue</button>
        ) : part.state === 'output-available' ? String(part.output) : null,
    })
    render(<Chat tools={[ask]} />, { wrapper })
    await startCall('ask')
    await endCall('ask', {})
    fireEvent.click(screen.getByRole('button', { name: 'Blue' }))
    await settle()
    expect(shown()).toHaveTextContent('blue')
    act(() => chat.stop())
  })

  it('leaves to the card what it gives no drawing for, and can show nothing at all', () => {
    const initialMessages = [called, { ...called, id: '2', parts: called.parts.map((part) => ({ ...part, toolCallId: 'c2' })) }] as UIMessage[]
    const paint = tool({ name: 'paint', description: 'Paint', inputSchema, render: ({ part }) => (part.toolCallId === 'c1' ? undefined : null) })
    render(<Chat tools={[paint]} initialMessages={initialMessages} />, { wrapper })
    expect(shown().innerHTML).toBe('<i>card output-available</i>')
  })

  it('that throws shows the card, is reported, and is asked again in the next state', async () => {
    const caught: unknown[] = []
    const paint = tool({
      name: 'paint',
      description: 'Paint',
      inputSchema,
      execute: () => 'done',
      // @ts-expect-error there is no input yet while it is written
      render: ({ part }) => `painted ${part.input.color}`,
    })
    render(<Chat tools={[paint]} />, { wrapper, onCaughtError: (error) => caught.push(error) })
    await startCall()
    expect(shown()).toHaveTextContent('card input-streaming')
    expect(caught).toContainEqual(expect.any(TypeError))
    await endCall()
    expect(shown()).toHaveTextContent('painted red')
    act(() => chat.stop())
  })

  it('that gives what React cannot show is shown by the card', () => {
    const caught: unknown[] = []
    const paint = tool({ name: 'paint', description: 'Paint', inputSchema, render: (() => ({ not: 'a node' })) as unknown as () => null })
    render(<Chat tools={[paint]} initialMessages={[called]} />, { wrapper, onCaughtError: (error) => caught.push(error) })
    expect(shown()).toHaveTextContent('card output-available')
    expect(caught).not.toEqual([])
  })
})

describe('a render that is a closure', () => {
  useCleanSlate()

  /** A tool of a component below the provider, drawn with its state; hooks inside of `render` have their own. */
  function Square({ log = [] as string[] }) {
    const [size, setSize] = useState(1)
    useTool({
      name: 'paint',
      description: 'Paint',
      inputSchema,
      execute: () => log.push('run'),
      render: function Drawing({ part }) {
        const [presses, setPresses] = useState(0)
        return <button onClick={() => setPresses(presses + 1)}>{`${part.state} size ${size} presses ${presses}`}</button>
      },
    })
    return <button onClick={() => setSize(size + 1)}>Grow</button>
  }

  it('is the newest one, keeps its own state, and ends with its component', async () => {
    const app = (isOpen: boolean) => <><Chat initialMessages={[called]} />{isOpen && <Square />}</>
    const { rerender } = render(app(true), { wrapper })
    expect(shown()).toHaveTextContent('output-available size 1 presses 0')
    fireEvent.click(screen.getByRole('button', { name: /presses 0/ }))
    fireEvent.click(screen.getByRole('button', { name: 'Grow' }))
    expect(shown()).toHaveTextContent('output-available size 2 presses 1')
    rerender(app(false))
    expect(shown()).toHaveTextContent('card output-available')
    rerender(app(true))
    expect(shown()).toHaveTextContent('output-available size 1 presses 0')
  })

  it('may stand in the component that shows the messages, without a loop of renders', async () => {
    let renders = 0
    function App() {
      const [size, setSize] = useState(1)
      const result = useFunctionCalling({ initialMessages: [called] })
      useTool({ name: 'paint', description: 'Paint', inputSchema, render: () => `size ${size}` })
      useEffect(() => {
        renders++
      })
      return <><Messages {...result} /><button onClick={() => setSize(size + 1)}>Grow</button></>
    }
    render(<App />, { wrapper, reactStrictMode: false })
    expect(shown()).toHaveTextContent('size 1')
    fireEvent.click(screen.getByRole('button', { name: 'Grow' }))
    await settle()
    expect(shown()).toHaveTextContent('size 2')
    expect(renders).toBe(2)
  })

  it('of the conversation itself is followed too, where its messages are not drawn anew', () => {
    function App() {
      const [size, setSize] = useState(1)
      const paint = tool({ name: 'paint', description: 'Paint', inputSchema, render: () => `size ${size}` })
      return <><Chat tools={[paint]} initialMessages={[called]} /><button onClick={() => setSize(size + 1)}>Grow</button></>
    }
    render(<App />, { wrapper })
    fireEvent.click(screen.getByRole('button', { name: 'Grow' }))
    expect(shown()).toHaveTextContent('size 2')
  })
})

describe('on the server', () => {
  useCleanSlate()

  it('a conversation’s own tool draws, one from useTool does so after hydration, without a mismatch', async () => {
    const look = { ...called.parts[0], type: 'tool-look', toolName: 'look', toolCallId: 'c2' } as UIMessage['parts'][number]
    const messages: UIMessage[] = [{ ...called, parts: [...called.parts, look] }]
    const paint = tool({ name: 'paint', description: 'Paint', inputSchema, render: () => 'painted, ' })
    function Offer() {
      useTool({ name: 'look', description: 'Look', inputSchema, render: () => 'looked' })
      return null
    }
    const tree = (
      <StrictMode>
        <LLMProvider config={config}><Chat tools={[paint]} initialMessages={messages} /><Offer /></LLMProvider>
      </StrictMode>
    )
    const container = document.createElement('div')
    container.innerHTML = renderToString(tree)
    document.body.append(container)
    expect(shown()).toHaveTextContent('painted, card output-available')
    const failures: unknown[] = []
    const root = await act(async () => hydrateRoot(container, tree, { onRecoverableError: (error) => failures.push(error) }))
    expect(failures).toEqual([])
    expect(shown()).toHaveTextContent('painted, looked')
    act(() => root.unmount())
    container.remove()
  })
})
