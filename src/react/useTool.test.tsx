import { act, fireEvent, render, screen } from '@testing-library/react'
import { useEffect, useState, type ReactNode } from 'react'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { Boundary, config, settle, useCleanSlate } from '../../test/helpers/react.js'
import { engines } from '../../test/helpers/scriptedEngines.js'
import { tool, type Tool } from '../tools/index.js'
import { LLMProvider } from './LLMProvider.js'
import { useFunctionCalling, type FunctionCallingOptions, type UseFunctionCallingResult } from './useFunctionCalling.js'
import { useTool } from './useTool.js'

vi.mock('../engine/ModelEngine.js', async () => (await import('../../test/helpers/scriptedEngines.js')).engines.engineModule)

let chat: UseFunctionCallingResult

function Chat(options: FunctionCallingOptions) {
  const result = useFunctionCalling(options)
  useEffect(() => {
    chat = result
  })
  return <p data-testid="error">{result.error?.code}</p>
}

function Offer({ name }: { name: string }) {
  useTool({ name, description: `Does ${name}`, inputSchema: z.object({}), execute: () => name })
  return null
}

const inProvider = (children: ReactNode) => <LLMProvider config={config}>{children}</LLMProvider>

/** Names of the tools that the next generation is given. */
async function offered(): Promise<string[] | undefined> {
  act(() => void chat.sendMessage({ text: 'Hi' }))
  await settle()
  const { request } = engines.last.runs.at(-1) ?? {}
  act(() => chat.stop())
  return request?.tools?.map(({ name }) => name)
}

const own = (name: string): Tool =>
  tool({ name, description: 'Own', inputSchema: { type: 'object', properties: {} }, execute: () => 'own' })

describe('useTool', () => {
  useCleanSlate()

  it('offers tools of nested components beside those of the conversation, until they unmount', async () => {
    const app = (isOpen: boolean) =>
      inProvider(
        <>
          <Chat tools={[own('own')]} />
          <section>
            <Offer name="lamp" />
            {isOpen && <div><Offer name="door" /></div>}
          </section>
        </>,
      )
    const { rerender } = render(app(true))
    expect(await offered()).toEqual(['own', 'lamp', 'door'])
    rerender(app(false))
    expect(await offered()).toEqual(['own', 'lamp'])
    rerender(app(true))
    expect(await offered()).toEqual(['own', 'lamp', 'door'])
  })

  it('follows a changed name', async () => {
    const app = (name: string) => inProvider(<><Chat /><Offer name={name} /></>)
    const { rerender } = render(app('lamp'))
    rerender(app('light'))
    expect(await offered()).toEqual(['light'])
  })

  it('lets two components swap names', async () => {
    const app = (a: string, b: string) => inProvider(<><Chat /><Offer name={a} /><Offer name={b} /></>)
    const { rerender } = render(app('lamp', 'door'))
    rerender(app('door', 'lamp'))
    expect((await offered())?.sort()).toEqual(['door', 'lamp'])
  })

  it('calls the handler of the last render, without registering again', async () => {
    const seen: string[] = []
    function Square() {
      const [color, setColor] = useState('red')
      useTool({
        name: 'get_color',
        description: 'Tells the colour',
        inputSchema: z.object({}),
        execute: () => {
          seen.push(color)
          return color
        },
      })
      return <button onClick={() => setColor('blue')}>Paint</button>
    }
    render(inProvider(<><Chat /><Square /></>))
    act(() => void chat.sendMessage({ text: 'What colour?' }))
    await settle()
    fireEvent.click(screen.getByRole('button'))
    const run = engines.last.runs.at(-1)
    run?.push({ type: 'tool-call', id: 'c1', name: 'get_color', input: {} })
    run?.finish('tool-calls')
    await settle()
    expect(seen).toEqual(['blue'])
    act(() => chat.stop())
  })

  it('takes what tool() made', async () => {
    const made = own('made')
    function Made() {
      useTool(made)
      return null
    }
    render(inProvider(<><Chat /><Made /></>))
    expect(await offered()).toEqual(['made'])
  })

  it('throws duplicate-tool for a second tool of the same name', () => {
    render(
      inProvider(<><Offer name="lamp" /><Boundary><Offer name="lamp" /></Boundary></>),
      { onCaughtError: () => undefined },
    )
    expect(screen.getByRole('alert')).toHaveTextContent(/^duplicate-tool: .*"lamp"/)
  })

  it('throws invalid-tool for a name that models cannot write', () => {
    render(inProvider(<Boundary><Offer name="no good" /></Boundary>), { onCaughtError: () => undefined })
    expect(screen.getByRole('alert')).toHaveTextContent(/^invalid-tool: .*no good/)
  })

  it('is an error of the conversation when its own tools have the name already', async () => {
    render(inProvider(<><Chat tools={[own('lamp')]} /><Offer name="lamp" /></>))
    act(() => void chat.sendMessage({ text: 'Hi' }))
    await settle()
    expect(screen.getByTestId('error')).toHaveTextContent('duplicate-tool')
  })

  it('does not reach conversations of other providers', async () => {
    render(<>{inProvider(<Chat />)}{inProvider(<Offer name="lamp" />)}</>)
    expect(await offered()).toEqual([])
  })
})
