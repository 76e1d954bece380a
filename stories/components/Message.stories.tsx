import type { Meta, StoryObj } from '@storybook/react-vite'
import { Message } from 'react-edge-llm/components'
import { conversation, long, streaming } from './fixtures.js'

/** One message with its parts. `Chat` lists them; use it alone for a layout of your own. */
const meta = {
  title: 'Components/Message',
  component: Message,
  args: { message: conversation[3]! },
} satisfies Meta<typeof Message>

export default meta
type Story = StoryObj<typeof meta>

export const Answer: Story = { args: { showMetrics: true } }
export const User: Story = { args: { message: conversation[2]! } }
export const Streaming: Story = { args: { message: streaming[1]! } }
export const CutShort: Story = { args: { message: long[1]!, showMetrics: true } }

export const Reasoning: Story = {
  args: {
    message: {
      id: '1',
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'Two wishes: lights off, then blinds down.', state: 'done' },
        { type: 'text', text: 'Good night. Lights are off and the blinds are down.', state: 'done' },
      ],
    },
  },
}

export const Stopped: Story = {
  args: {
    message: {
      id: '1',
      role: 'assistant',
      parts: [{ type: 'text', text: 'Once upon a time there was', state: 'done' }],
      metadata: { interrupted: 'stopped' },
    },
  },
}
