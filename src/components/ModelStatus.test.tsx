import { act, render, screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { expect, it, vi } from 'vitest'
import { readyModel, ScriptedEngine } from '../../test/helpers/ScriptedEngine.js'
import { LLMError } from '../errors/index.js'
import { LLMProvider, useLLM } from '../react/index.js'
import { ModelStatus } from './ModelStatus.js'

it('names model, runtime, device, precision and the reasons', () => {
  render(<ModelStatus status="ready" model={{ ...readyModel, threads: 4 }} />)
  const section = screen.getByRole('region', { name: 'Model' })
  for (const text of ['Ready', 'test', 'onnx', 'WASM', 'q8', '4 threads']) expect(section).toHaveTextContent(text)
  expect(section).toHaveTextContent('No WebGPU adapter. The graph is not one the SIMD core knows.')
  expect(screen.queryByRole('button')).toBeNull()
})

it('puts the reasons behind a press when compact', async () => {
  render(<ModelStatus status="ready" model={readyModel} compact />)
  const reasons = screen.getByText(/^No WebGPU adapter\./)
  expect(reasons).not.toBeVisible()
  await userEvent.click(screen.getByText('Why WASM?'))
  expect(reasons.closest('details')).toHaveAttribute('open')
})

it('offers a retry only where it can help', async () => {
  const load = vi.fn()
  const network = new LLMError({ code: 'network', message: 'The line was cut. Try again.', recoverable: true })
  const { rerender } = render(<ModelStatus status="error" error={network} load={load} />)
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(load).toHaveBeenCalledOnce()
  const wrong = new LLMError({ code: 'no-model', message: 'Set models.onnx.', subject: 'models' })
  rerender(<ModelStatus status="error" error={wrong} load={load} />)
  expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull()
  expect(screen.getByText('models')).toBeVisible()
})

it('follows what useLLM returns through a whole life', async () => {
  const engine = new ScriptedEngine()
  const App = () => <ModelStatus {...useLLM()} />
  render(
    <LLMProvider engine={engine}>
      <App />
    </LLMProvider>,
  )
  const status = screen.getByRole('status')
  expect(status).toHaveTextContent('Not loaded')
  await userEvent.click(screen.getByRole('button', { name: 'Load model' }))
  await vi.waitFor(() => expect(status).toHaveTextContent('Downloading'))
  act(() => engine.progress(40))
  expect(await screen.findByText('40 %')).toBeVisible()
  act(() => engine.ready())
  expect(status).toHaveTextContent('Ready')
  await userEvent.click(screen.getByRole('button', { name: 'Unload' }))
  expect(engine.unloads).toBe(1)
  await vi.waitFor(() => expect(status).toHaveTextContent('Not loaded'))
})

it('swallows the rejection of a load: the state already tells it', async () => {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  const load = () => Promise.reject(new LLMError({ code: 'load-aborted', message: 'Stopped.' }))
  render(<ModelStatus status="idle" load={load} />)
  await userEvent.click(screen.getByRole('button', { name: 'Load model' }))
  await new Promise((resolve) => setTimeout(resolve, 10))
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})
