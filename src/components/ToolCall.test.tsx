import { render, screen, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import type { ToolPart } from '../chat/types.js'
import { ToolCall } from './ToolCall.js'

const call = { type: 'tool-set_lights', toolName: 'set_lights', toolCallId: 'c' } as const

it('shows arguments while they are written, before they can be parsed', () => {
  render(<ToolCall part={{ ...call, state: 'input-streaming', input: null, rawInput: '{"room": "kit' }} />)
  expect(screen.getByRole('region', { name: 'set_lights: Writing arguments' })).toHaveTextContent('{"room": "kit')
})

it('shows the fields that are there already', () => {
  const partialInput = { room: 'kit' }
  render(<ToolCall part={{ ...call, state: 'input-streaming', input: null, partialInput, rawInput: '{"room": "kit' }} />)
  expect(screen.getByText('room').nextElementSibling).toHaveTextContent('kit')
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

describe('the question whether a call may run', () => {
  const asking = { ...call, state: 'approval-requested', input: { level: 150 }, approval: { because: ['needs-approval'] } } as const

  it.each([
    ['Allow', true],
    ['Deny', false],
  ])('is answered by %s, from the keyboard too, and the card keeps the focus', async (name, approved) => {
    const onApproval = vi.fn()
    render(<ToolCall part={asking} onApproval={onApproval} />)
    const group = screen.getByRole('group', { name: 'Allow set_lights?' })
    const button = within(group).getByRole('button', { name, description: 'Allow set_lights?' })
    button.focus()
    await userEvent.keyboard('{Enter}')
    expect(onApproval).toHaveBeenCalledExactlyOnceWith({ toolCallId: 'c', approved })
    expect(screen.getByRole('region', { name: 'set_lights: Asks for permission' })).toHaveFocus()
  })

  it('says why it is asked', () => {
    const part: ToolPart = {
      ...asking,
      approval: { because: ['doubts', 'low-confidence'] },
      doubts: [
        { path: '/level', kind: 'out-of-range' },
        { path: '/items/0/a~1b', kind: 'ungrounded' },
        { path: '', kind: 'negated' },
      ],
    }
    render(<ToolCall part={part} onApproval={() => undefined} />)
    expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
      'The model was not sure of this call.',
      'level is not the number that you wrote.',
      'items 0 a/b does not come from what you wrote.',
      'You may have asked not to do this.',
    ])
  })

  it('has no buttons where nobody takes the answer, and none when it is answered', () => {
    const { rerender } = render(<ToolCall part={asking} />)
    expect(screen.queryByRole('button')).toBeNull()
    const answered = { ...asking, approval: { ...asking.approval, approved: true } }
    rerender(<ToolCall part={{ ...answered, state: 'approval-responded' }} onApproval={() => undefined} />)
    expect(screen.getByRole('region', { name: 'set_lights: Allowed, running' })).toBeVisible()
    expect(screen.queryByRole('button')).toBeNull()
    const denied = { ...asking, approval: { ...asking.approval, approved: false, reason: 'too bright' } }
    rerender(<ToolCall part={{ ...denied, state: 'output-denied' }} onApproval={() => undefined} />)
    expect(screen.getByRole('region', { name: 'set_lights: Not allowed' })).toHaveTextContent('too bright')
  })
})

it('tells that it waits for the app', () => {
  render(<ToolCall part={{ ...call, state: 'input-available', input: {}, awaitsResult: true }} />)
  expect(screen.getByRole('region', { name: 'set_lights: Waiting for a result' })).toBeVisible()
})
