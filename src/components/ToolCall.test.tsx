import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { ToolCall } from './ToolCall.js'

const call = { type: 'tool-set_lights', toolName: 'set_lights', toolCallId: 'c' } as const

it.each([undefined, null])('shows arguments while they are written, before they can be parsed: %s', (input) => {
  render(<ToolCall part={{ ...call, state: 'input-streaming', input, rawInput: '{"room": "kit' }} />)
  expect(screen.getByRole('region', { name: 'set_lights: Writing arguments' })).toHaveTextContent('{"room": "kit')
})

it('shows parsed arguments by name', () => {
  render(<ToolCall part={{ ...call, state: 'input-available', input: { room: 'kitchen', on: true } }} />)
  expect(screen.getByText('room').nextElementSibling).toHaveTextContent('kitchen')
  expect(screen.getByText('on').nextElementSibling).toHaveTextContent('true')
})

it('shows the result beside the arguments', () => {
  render(<ToolCall part={{ ...call, state: 'output-available', input: {}, output: [1, 2] }} />)
  expect(screen.getByText('No arguments')).toBeVisible()
  expect(screen.getByText('Result').nextElementSibling).toHaveTextContent('[ 1, 2 ]')
})

it('leaves the result out where the handler returned nothing', () => {
  render(<ToolCall part={{ ...call, state: 'output-available', input: {}, output: undefined }} />)
  expect(screen.queryByText('Result')).toBeNull()
})

it('shows the error and what the model wrote', () => {
  render(<ToolCall part={{ ...call, state: 'output-error', input: undefined, errorText: 'not JSON', rawInput: '{room' }} />)
  expect(screen.getByText('not JSON')).toBeVisible()
  expect(screen.getByText('{room')).toBeInTheDocument()
  expect(screen.queryByText('Arguments')).toBeNull()
})

it('has room for what the app adds', () => {
  render(
    <ToolCall part={{ ...call, state: 'input-available', input: {} }}>
      <button>Undo</button>
    </ToolCall>,
  )
  expect(screen.getByRole('button', { name: 'Undo' })).toBeVisible()
})
