import { act, render } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { scriptedRuntime, workerHost } from '../../test/helpers/engine/workerHost.js'
import { loadModel } from '../engine/loadModel.js'
import { ModelEngine } from '../engine/ModelEngine.js'
import { Retreats } from '../engine/Retreats.js'
import type { Runtime } from '../inference/Runtime.js'
import type { GenerateMetrics } from '../inference/types.js'
import { tool } from '../tools/index.js'
import { LLMProvider } from './LLMProvider.js'
import { useFunctionCalling, type UseFunctionCallingResult } from './useFunctionCalling.js'

const metrics = { completionTokens: 1 } as GenerateMetrics
const engines: ModelEngine[] = []
afterEach(() => engines.splice(0).forEach((engine) => engine.dispose()))

/** The kit's own engine on a model that notes what it is asked and calls `next` until it has seen two results. */
function setUp() {
  const asked: string[] = []
  const generate: Runtime['generate'] = async ({ messages }, emit) => {
    const user = messages.find(({ role }) => role === 'user')?.content ?? ''
    const results = messages.filter(({ role }) => role === 'tool').length
    asked.push(`${user}${results}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
    const events = user.startsWith('call') && results < 2
      ? [{ type: 'tool-call' as const, id: `${user}${results}`, name: 'next', input: { step: results } }]
      : [{ type: 'text-delta' as const, text: `done ${user}` }]
    emit({ tokenId: 1, events })
    emit({ tokenId: undefined, events: [{ type: 'finish', reason: 'stop', metrics, tokenIds: [1] }] })
  }
  const { host } = workerHost(() => () => Promise.resolve(scriptedRuntime(generate)))
  const engine = new ModelEngine({ models: { onnx: '/m' } }, () => Promise.resolve({ host, loadModel, Retreats }))
  engines.push(engine)
  return { engine, asked }
}

const next = tool({
  name: 'next',
  description: 'Next',
  inputSchema: { type: 'object' },
  annotations: { readOnly: true },
  execute: (input) => input,
})

describe('conversations of one engine', () => {
  const chats: Record<string, UseFunctionCallingResult> = {}
  function Talk({ id }: { id: string }) {
    const chat = useFunctionCalling({ tools: [next] })
    chats[id] = chat
    return <p>{chat.status}</p>
  }
  const app = (engine: ModelEngine, ids: string[]) => (
    <LLMProvider engine={engine}>{ids.map((id) => <Talk key={id} id={id} />)}</LLMProvider>
  )
  const send = (id: string, text: string) => act(async () => void chats[id]?.sendMessage({ text }))
  const ended = (id: string) => vi.waitFor(() => expect(chats[id]).toMatchObject({ status: 'ready', error: undefined }), { timeout: 5000 })

  it('take turns step by step: one that calls many tools does not keep the others waiting', async () => {
    const { engine, asked } = setUp()
    render(app(engine, ['a', 'b', 'c']))
    await send('a', 'call a')
    await send('b', 'call b')
    await send('c', 'say c')
    await act(async () => {
      await Promise.all(['a', 'b', 'c'].map(ended))
    })
    expect(asked).toEqual(['call a0', 'call b0', 'say c0', 'call a1', 'call b1', 'call a2', 'call b2'])
    expect(chats.b?.messages[1]?.parts.at(-1)).toMatchObject({ type: 'text', text: 'done call b' })
  })

  it('go on when one of them unmounts in the middle of its turn', async () => {
    const { engine, asked } = setUp()
    const { rerender } = render(app(engine, ['a', 'b']))
    await send('a', 'call a')
    await send('b', 'call b')
    await vi.waitFor(() => expect(asked).toContain('call b0'), { interval: 1, timeout: 5000 })
    rerender(app(engine, ['b']))
    await act(async () => {
      await ended('b')
    })
    expect(asked.filter((each) => each.startsWith('call b'))).toEqual(['call b0', 'call b1', 'call b2'])
    expect(asked).not.toContain('call a2')
  })
})
