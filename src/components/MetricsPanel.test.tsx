import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { metrics, readyModel } from '../../test/helpers/ScriptedEngine.js'
import { MetricsPanel } from './MetricsPanel.js'

const fact = (name: string) => screen.getByText(name).nextElementSibling

it('shows every figure of a generation', () => {
  render(<MetricsPanel metrics={{ ...metrics, reusedTokens: 8, memoryBytes: 412_000_000 }} model={readyModel} />)
  expect(screen.getByText('Tokens per second').previousElementSibling).toHaveTextContent('100')
  expect(fact('First token')).toHaveTextContent('20 ms')
  expect(fact('Prefill')).toHaveTextContent('600 tok/s')
  expect(fact('Tokens in')).toHaveTextContent('12' + '8 reused')
  expect(fact('Tokens out')).toHaveTextContent('4')
  expect(fact('Model load')).toHaveTextContent('5 ms')
  expect(fact('Memory')).toHaveTextContent('412 MB')
})

it('shows the newest measurement while live, the engine’s figure after', () => {
  const { rerender } = render(<MetricsPanel metrics={metrics} rates={[10, 20]} isLive />)
  const shown = screen.getByText('Tokens per second').previousElementSibling
  expect(shown).toHaveTextContent('20')
  rerender(<MetricsPanel metrics={metrics} rates={[10, 20]} />)
  expect(shown).toHaveTextContent('100')
})

it('tells the plot in words', () => {
  render(<MetricsPanel rates={[8, 22.4, 14]} isLive />)
  expect(screen.getByRole('img', { name: 'Tokens per second over time, 8.0 to 22, now 14' })).toBeInTheDocument()
})

it('draws one value and all zeros without dividing by nothing', () => {
  const { rerender, container } = render(<MetricsPanel rates={[5]} />)
  rerender(<MetricsPanel rates={[0, 0]} />)
  expect(container.innerHTML).not.toContain('NaN')
  rerender(<MetricsPanel rates={[]} />)
  expect(container.querySelector('polyline')).toBeNull()
  expect(screen.getByText('Figures appear with the first answer.')).toBeVisible()
})
