import { render, screen, within } from '@testing-library/react'
import { expect, it } from 'vitest'
import { metrics } from '../../test/helpers/ScriptedEngine.js'
import type { MessagePart, UIMessage } from '../chat/types.js'
import { Message } from './Message.js'

const call = { type: 'tool-get_color', toolName: 'get_color', toolCallId: 'c', input: {} } as const

function assistant(parts: MessagePart[], metadata?: UIMessage['metadata']): UIMessage {
  return { id: '1', role: 'assistant', parts, metadata }
}

it('shows parts in the order they were written', () => {
  render(
    <Message
      message={assistant([
        { type: 'text', text: 'Let me look.', state: 'done' },
        { ...call, state: 'output-available', output: 'blue' },
        { type: 'step-start' },
        { type: 'text', text: 'It is blue.', state: 'done' },
      ])}
    />,
  )
  expect(screen.getByRole('article', { name: 'Assistant' })).toHaveTextContent(/Let me look\..*get_color.*It is blue\./)
})

it('renders nothing for a message that has nothing to show yet', () => {
  const { container } = render(<Message message={assistant([{ type: 'step-start' }, { type: 'text', text: '', state: 'streaming' }])} />)
  expect(container).toBeEmptyDOMElement()
})

it('leaves out blank text and the line breaks before text', () => {
  const { container } = render(
    <Message
      message={assistant([
        { type: 'text', text: '\n', state: 'done' },
        { ...call, state: 'input-available' },
        { type: 'text', text: '\n\nBlue.\nSure.', state: 'done' },
      ])}
    />,
  )
  expect([...container.querySelectorAll('.edge-llm-text')].map((text) => text.textContent)).toEqual(['Blue.\nSure.'])
})

it('says why an answer ended early, even an empty one', () => {
  render(<Message message={assistant([], { interrupted: 'length' })} />)
  expect(screen.getByText('Cut at the length limit')).toBeVisible()
})

it('lets the app draw a call, and draws the ones that it leaves', () => {
  const other = { ...call, toolCallId: 'd', toolName: 'other', type: 'tool-other' } as const
  render(
    <Message
      message={assistant([
        { ...call, state: 'input-available' },
        { ...other, state: 'input-available' },
      ])}
      renderTool={(part) => (part.toolName === 'get_color' ? <b>Looking at the square</b> : undefined)}
    />,
  )
  expect(screen.getByText('Looking at the square')).toBeVisible()
  expect(screen.queryByRole('region', { name: /get_color/ })).toBeNull()
  expect(screen.getByRole('region', { name: 'other: Running' })).toBeVisible()
})

it('gives who draws calls the card, to put it where they like', () => {
  render(
    <Message
      message={assistant([{ ...call, state: 'input-available' }])}
      renderTool={(part, card) => <figure aria-label={part.toolName}>{card}</figure>}
    />,
  )
  expect(within(screen.getByRole('figure', { name: 'get_color' })).getByRole('region', { name: 'get_color: Running' })).toBeVisible()
})

it('lets the app draw the text', () => {
  render(
    <Message message={assistant([{ type: 'text', text: '**blue**', state: 'done' }])} renderText={(text) => <b>{text.replaceAll('*', '')}</b>} />,
  )
  expect(screen.getByText('blue').tagName).toBe('B')
})

it('can show nothing in place of a call', () => {
  render(<Message message={assistant([{ ...call, state: 'input-available' }])} renderTool={() => null} />)
  expect(screen.queryByRole('region')).toBeNull()
})

it('shows figures only when asked', () => {
  const message = assistant([{ type: 'text', text: 'Hi', state: 'done' }], { metrics })
  const { rerender } = render(<Message message={message} />)
  expect(screen.queryByText(/tokens/)).toBeNull()
  rerender(<Message message={message} showMetrics />)
  expect(screen.getByText('4 tokens, 100 tok/s')).toBeVisible()
})
