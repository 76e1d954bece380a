import type { Meta, StoryObj } from '@storybook/react-vite'
import { LLMError } from 'react-edge-llm'
import { Chat, DownloadProgress } from 'react-edge-llm/components'
import { expect, fn, userEvent, waitFor, within } from 'storybook/test'
import { asking, conversation, long, progress, streaming } from './fixtures.js'

/**
 * A whole conversation. It takes what `useFunctionCalling` returns:
 * `<Chat {...useFunctionCalling({ tools })} />`. These stories show states written by hand;
 * under Demos the same component runs a model.
 */
const meta = {
  title: 'Components/Chat',
  component: Chat,
  decorators: [
    (Story) => (
      <div style={{ blockSize: 480, maxInlineSize: 640 }}>
        <Story />
      </div>
    ),
  ],
  args: {
    messages: conversation,
    status: 'ready',
    sendMessage: fn(),
    stop: fn(),
    regenerate: fn(),
    clearError: fn(),
  },
} satisfies Meta<typeof Chat>

export default meta
type Story = StoryObj<typeof meta>

export const Conversation: Story = {
  args: { showMetrics: true },
  play: async ({ canvas, args }) => {
    await userEvent.type(canvas.getByRole('textbox', { name: 'Message' }), '  And green?  {Enter}')
    await expect(args.sendMessage).toHaveBeenCalledWith({ text: 'And green?' })
    await expect(canvas.getByRole('textbox', { name: 'Message' })).toHaveValue('')
  },
}

export const Empty: Story = {
  args: { messages: [], suggestions: ['What colour is the square?', 'Make it red', 'Change the colour to blue'] },
  play: async ({ canvas, args }) => {
    await userEvent.click(canvas.getByRole('button', { name: 'Make it red' }))
    await expect(args.sendMessage).toHaveBeenCalledWith({ text: 'Make it red' })
  },
}

export const Submitted: Story = { args: { messages: streaming.slice(0, 1), status: 'submitted' } }

/** The first message loads the model: its progress takes the place of the dots. */
export const SubmittedWhileDownloading: Story = {
  args: { messages: streaming.slice(0, 1), status: 'submitted', pending: <DownloadProgress progress={progress} /> },
}

export const Streaming: Story = {
  args: { messages: streaming, status: 'streaming' },
  play: async ({ canvas, args }) => {
    await expect(canvas.getByRole('log')).toHaveAttribute('aria-busy', 'true')
    await userEvent.click(canvas.getByRole('button', { name: 'Stop' }))
    await expect(args.stop).toHaveBeenCalledOnce()
    await expect(canvas.getByRole('textbox', { name: 'Message' })).toHaveFocus()
  },
}

/** A call waits for a yes or a no; the turn goes on with either. */
export const AsksForPermission: Story = {
  args: { messages: asking, status: 'awaiting-approval', addToolApproval: fn() },
  play: async ({ canvas, args }) => {
    await expect(canvas.getByRole('status')).toHaveTextContent('Waiting for your permission')
    await userEvent.click(canvas.getByRole('button', { name: 'Allow' }))
    await expect(args.addToolApproval).toHaveBeenCalledWith({ toolCallId: 'a', approved: true })
  },
}

export const FailedTurn: Story = {
  args: {
    messages: conversation.slice(0, 3),
    status: 'error',
    error: new LLMError({
      code: 'worker-crashed',
      message: 'The worker that ran the model ended. A new one has been started: send the message again.',
      recoverable: true,
    }),
  },
  play: async ({ canvas, args }) => {
    await userEvent.click(within(canvas.getByRole('alert')).getByRole('button', { name: 'Try again' }))
    await expect(args.regenerate).toHaveBeenCalledOnce()
  },
}

/** Scrolling up to read stops the list from following; a button leads back to the end. */
export const LongText: Story = {
  args: { messages: long, showMetrics: true },
  play: async ({ canvas }) => {
    const log = canvas.getByRole('log')
    await waitFor(() => expect(log.scrollTop).toBeGreaterThan(0))
    log.scrollTop = 0
    await userEvent.click(await canvas.findByRole('button', { name: 'Jump to latest' }))
    await expect(log.scrollHeight - log.scrollTop - log.clientHeight).toBeLessThan(2)
  },
}

export const Narrow: Story = {
  args: { messages: long, suggestions: [] },
  decorators: [
    (Story) => (
      <div style={{ blockSize: 480, inlineSize: 288 }}>
        <Story />
      </div>
    ),
  ],
}

/** Another accent, other corners: CSS variables on any element around it. */
export const Themed: Story = {
  decorators: [
    (Story) => (
      <div
        data-theme="light"
        style={{
          blockSize: '100%',
          ['--edge-llm-accent' as string]: '#0b6b57',
          ['--edge-llm-accent-soft' as string]: '#dff3ec',
          ['--edge-llm-radius' as string]: '0.25rem',
        }}
      >
        <Story />
      </div>
    ),
  ],
}

export const Translated: Story = {
  args: {
    messages: [],
    labels: { placeholder: 'Nachricht schreiben', message: 'Nachricht', send: 'Senden', emptyTitle: 'Frag etwas', emptyText: 'Das Modell läuft auf diesem Gerät.' },
  },
}
