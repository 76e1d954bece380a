import { act, screen } from '@testing-library/react'
import { StrictMode, Suspense } from 'react'
import { hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { config, settle, useCleanSlate } from '../../test/helpers/react.js'
import { ScriptedEngine } from '../../test/helpers/ScriptedEngine.js'
import { engines } from '../../test/helpers/scriptedEngines.js'
import { restoreMessages } from '../chat/savedMessages.js'
import type { UIMessage } from '../chat/types.js'
import type { Engine } from '../engine/types.js'
import { LLMProvider } from './LLMProvider.js'
import { useFunctionCalling } from './useFunctionCalling.js'
import { useLLM } from './useLLM.js'
import { useModelStorage } from './useModelStorage.js'
import { useTool } from './useTool.js'

vi.mock('../engine/ModelEngine.js', async () => (await import('../../test/helpers/scriptedEngines.js')).engines.engineModule)
vi.mock('../engine/storedModels.js', async () => (await import('../../test/helpers/scriptedEngines.js')).engines.storageModule)

function App() {
  const { status, isReady, isGenerating } = useLLM()
  const chat = useFunctionCalling({
    initialMessages: [{ id: '1', role: 'user', parts: [{ type: 'text', text: 'Hi', state: 'done' }] }],
  })
  useTool({ name: 'a', description: 'A', inputSchema: { type: 'object' }, execute: () => 1 })
  const storage = useModelStorage()
  return (
    <p data-testid="app">
      {JSON.stringify({ status, isReady, isGenerating, chat: chat.status, count: chat.messages.length, storage: storage.status })}
    </p>
  )
}

const idle = { status: 'idle', isReady: false, isGenerating: false, chat: 'ready', count: 1, storage: 'loading' }
const shown = (): unknown => JSON.parse(screen.getByTestId('app').textContent)

const app = (engine?: Engine) => (
  <StrictMode>
    <Suspense fallback="waiting">
      {engine ? (
        <LLMProvider engine={engine}><App /></LLMProvider>
      ) : (
        <LLMProvider config={{ ...config, load: 'eager' }}><App /></LLMProvider>
      )}
    </Suspense>
  </StrictMode>
)

describe('on the server', () => {
  useCleanSlate()
  let root: Root | undefined

  afterEach(() => {
    act(() => root?.unmount())
    root = undefined
    document.body.innerHTML = ''
  })

  const hydrate = async (engine?: Engine) => {
    const container = document.createElement('div')
    container.innerHTML = renderToString(app(engine))
    document.body.append(container)
    expect(shown()).toEqual(idle)
    const failures: unknown[] = []
    await act(async () => {
      root = hydrateRoot(container, app(engine), { onRecoverableError: (error) => failures.push(error) })
    })
    expect(failures).toEqual([])
  }

  it('renders the idle state and makes no engine', async () => {
    expect(renderToString(app())).toContain('idle')
    await settle()
    expect(engines.made).toHaveLength(0)
  })

  it('renders without the browser’s globals', () => {
    const names = ['window', 'document', 'requestAnimationFrame', 'requestIdleCallback', 'navigator']
    for (const name of names) vi.stubGlobal(name, undefined)
    const html = renderToString(app())
    vi.unstubAllGlobals()
    expect(html).toContain('idle')
  })

  it('is hydrated without a mismatch, and loads then', async () => {
    await hydrate()
    await settle()
    act(() => engines.last.ready())
    await settle()
    expect(shown()).toEqual({ ...idle, status: 'ready', isReady: true, storage: 'ready' })
  })

  it('is hydrated with a conversation that was saved while it asked something', async () => {
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
    const saved = { version: 1, messages: [asking] }
    function Restored() {
      const { messages, status } = useFunctionCalling({ initialMessages: restoreMessages(saved) })
      const [part] = messages[0]?.parts ?? []
      return <p data-testid="restored">{`${status} ${part && 'state' in part ? part.state : ''}`}</p>
    }
    const tree = <LLMProvider config={config}><Restored /></LLMProvider>
    const container = document.createElement('div')
    container.innerHTML = renderToString(tree)
    document.body.append(container)
    expect(screen.getByTestId('restored')).toHaveTextContent('ready output-denied')
    const failures: unknown[] = []
    await act(async () => {
      root = hydrateRoot(container, tree, { onRecoverableError: (error) => failures.push(error) })
    })
    expect(failures).toEqual([])
    expect(screen.getByTestId('restored')).toHaveTextContent('ready output-denied')
  })

  it('is hydrated without a mismatch where the engine is ready already', async () => {
    const engine = new ScriptedEngine()
    engine.ready()
    await hydrate(engine)
    expect(shown()).toMatchObject({ status: 'ready', isReady: true })
  })
})
