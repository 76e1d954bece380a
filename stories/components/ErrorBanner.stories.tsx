import type { Meta, StoryObj } from '@storybook/react-vite'
import { LLMError } from 'react-edge-llm'
import { ErrorBanner } from 'react-edge-llm/components'
import { expect, fn } from 'storybook/test'

/** An error with what to do about it. A retry is offered only where it can help. */
const meta = {
  title: 'Components/ErrorBanner',
  component: ErrorBanner,
  args: {
    error: new LLMError({
      code: 'network',
      message: 'The download of onnx/model_q4.onnx broke off. Check the connection and try again.',
      subject: 'onnx/model_q4.onnx',
      recoverable: true,
    }),
    onRetry: fn(),
    onDismiss: fn(),
  },
} satisfies Meta<typeof ErrorBanner>

export default meta
type Story = StoryObj<typeof meta>

export const Recoverable: Story = {
  play: async ({ canvas }) => {
    await expect(canvas.getByRole('alert')).toHaveTextContent('network')
  },
}

export const NotRecoverable: Story = {
  args: {
    error: new LLMError({
      code: 'model-html-response',
      message: 'The server answered with an HTML page in place of config.json. Check that /models is served as static files.',
      subject: '/models/missing/config.json',
    }),
  },
}

export const AnyError: Story = { args: { error: new TypeError('Failed to fetch'), onDismiss: undefined } }

export const Narrow: Story = {
  decorators: [
    (Story) => (
      <div style={{ inlineSize: 260 }}>
        <Story />
      </div>
    ),
  ],
}
