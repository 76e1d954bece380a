import type { Meta, StoryObj } from '@storybook/react-vite'
import { LLMProvider, tool, useFunctionCalling, useLLM, type LLMConfig, type Tool } from 'react-edge-llm'
import { Chat, ModelStatus } from 'react-edge-llm/components'
import { expect, userEvent, within } from 'storybook/test'
import { tinyModel } from '../model.js'
import { ErrorBoundary } from './ErrorBoundary.js'
import './demos.css'

interface ErrorArgs {
  /** The provider's config, with what is wrong in it. */
  config: LLMConfig
  /** With a message, a conversation is shown in place of the model's status, and the message offered. */
  message?: string
  tools?: readonly Tool[]
}

function ErrorDemo({ config, message, tools }: ErrorArgs) {
  return (
    <ErrorBoundary key={JSON.stringify(config)}>
      <LLMProvider config={config}>{message === undefined ? <Status /> : <Talk message={message} tools={tools} />}</LLMProvider>
    </ErrorBoundary>
  )
}

function Status() {
  return <ModelStatus {...useLLM()} />
}

function Talk({ message, tools }: { message: string; tools: readonly Tool[] | undefined }) {
  return (
    <div style={{ blockSize: '22rem' }}>
      <Chat {...useFunctionCalling({ tools })} suggestions={[message]} />
    </div>
  )
}

/** The banner says what happened and what to do, and carries the documented code. */
async function expectError(canvasElement: HTMLElement, code: string) {
  const alert = await within(canvasElement).findByRole('alert', {}, { timeout: 60_000 })
  await expect(within(alert).getByText(code)).toBeVisible()
}

/**
 * Each story makes a real mistake and shows the real error. Where trying again can help, there is a
 * button for it; where only a change of code or server can, there is not. Some need the server of
 * `npm start`, which fails on demand, and show a missing model anywhere else.
 */
const meta = {
  title: 'Demos/Error states',
  component: ErrorDemo,
  decorators: [
    (Story) => (
      <div style={{ maxInlineSize: '40rem', marginInline: 'auto' }}>
        <Story />
      </div>
    ),
  ],
} satisfies Meta<typeof ErrorDemo>

export default meta
type Story = StoryObj<typeof meta>

export const WrongPath: Story = {
  args: { config: { models: { onnx: '/models/missing' }, load: 'eager' } },
  play: ({ canvasElement }) => expectError(canvasElement, 'model-not-found'),
}

/** A single-page app's server answers every unknown path with its index.html and status 200. */
export const HTMLPage: Story = {
  name: 'HTML page in place of a model',
  args: { config: { models: { onnx: '/faults/html-page' }, load: 'eager' } },
  play: ({ canvasElement }) => expectError(canvasElement, 'model-html-response'),
}

export const CutLine: Story = {
  name: 'Cut connection',
  args: { config: { models: { onnx: '/faults/cut-line' }, load: 'eager' } },
  play: async ({ canvas, canvasElement }) => {
    await expectError(canvasElement, 'network')
    await expect(canvas.getByRole('button', { name: 'Try again' })).toBeVisible()
  },
}

export const GatedModel: Story = {
  args: { config: { models: { onnx: 'acme/private-model' }, hubURL: `${location.origin}/faults/gated-hub`, load: 'eager' } },
  play: ({ canvasElement }) => expectError(canvasElement, 'model-gated'),
}

/** A browser whose GPU is blocked: it has `navigator.gpu`, and gives no adapter. */
export const NoWebGPU: Story = {
  args: { config: { models: { onnx: tinyModel }, device: 'webgpu', load: 'eager' } },
  beforeEach: () => {
    const own = Object.getOwnPropertyDescriptor(navigator, 'gpu')
    Object.defineProperty(navigator, 'gpu', { configurable: true, value: { requestAdapter: () => Promise.resolve(null) } })
    return () => {
      if (own) Object.defineProperty(navigator, 'gpu', own)
      else delete (navigator as { gpu?: unknown }).gpu
    }
  },
  play: ({ canvasElement }) => expectError(canvasElement, 'webgpu-unavailable'),
}

export const UnknownRuntime: Story = {
  args: { config: { preferredRuntime: 'tensorflow' as 'onnx', models: { onnx: tinyModel }, load: 'eager' } },
  play: ({ canvasElement }) => expectError(canvasElement, 'unknown-runtime'),
}

export const NoModel: Story = {
  args: { config: { models: {}, load: 'eager' } },
  play: ({ canvasElement }) => expectError(canvasElement, 'no-model'),
}

/** The dtype of a local model is decided by its files. */
export const DtypeThatIsNotThere: Story = {
  args: { config: { models: { onnx: { id: tinyModel, dtype: 'q4f16' } }, load: 'eager' } },
  play: ({ canvasElement }) => expectError(canvasElement, 'dtype-unavailable'),
}

export const PromptTooLong: Story = {
  args: { config: { models: { onnx: tinyModel }, device: 'wasm' }, message: 'many words '.repeat(9000).trim() },
  render: (args) => <ErrorDemo {...args} />,
  tags: ['!autodocs'],
  decorators: [
    (Story) => (
      <div className="long-suggestion">
        <Story />
      </div>
    ),
  ],
  play: async ({ canvas, canvasElement }) => {
    await userEvent.click(canvas.getByRole('button', { name: /^many words/ }))
    await expectError(canvasElement, 'context-overflow')
  },
}

const twin = tool({
  name: 'set_light',
  description: 'Set the light',
  inputSchema: { type: 'object', properties: {} },
  execute: () => 'ok',
})

export const TwoToolsOfOneName: Story = {
  args: { config: { models: { onnx: tinyModel }, device: 'wasm' }, message: 'Turn the light on', tools: [twin, twin] },
  play: async ({ canvas, canvasElement }) => {
    await userEvent.click(canvas.getByRole('button', { name: 'Turn the light on' }))
    await expectError(canvasElement, 'duplicate-tool')
  },
}
