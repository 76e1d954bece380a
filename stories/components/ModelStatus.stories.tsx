import type { Meta, StoryObj } from '@storybook/react-vite'
import { LLMError } from 'react-edge-llm'
import { ModelStatus } from 'react-edge-llm/components'
import { expect, fn, userEvent } from 'storybook/test'
import { model, progress } from './fixtures.js'

/** Where the model stands, what runs it and why there. Takes what `useLLM` returns: `<ModelStatus {...useLLM()} />`. */
const meta = {
  title: 'Components/ModelStatus',
  component: ModelStatus,
  args: { status: 'ready', model, load: fn(), unload: fn() },
} satisfies Meta<typeof ModelStatus>

export default meta
type Story = StoryObj<typeof meta>

export const Ready: Story = {}

/** The reasons behind a press, for a chat's header. */
export const Compact: Story = {
  args: { compact: true },
  play: async ({ canvas }) => {
    await userEvent.click(canvas.getByText('Why WASM?'))
    await expect(canvas.getByText(/No WebGPU adapter was found/)).toBeVisible()
  },
}

export const Idle: Story = {
  args: { status: 'idle', model: undefined },
  play: async ({ canvas, args }) => {
    await userEvent.click(canvas.getByRole('button', { name: 'Load model' }))
    await expect(args.load).toHaveBeenCalledOnce()
  },
}

export const Downloading: Story = {
  args: { status: 'downloading', model: undefined, progress },
  play: async ({ canvas, args }) => {
    await userEvent.click(canvas.getByRole('button', { name: 'Cancel' }))
    await expect(args.unload).toHaveBeenCalledOnce()
  },
}

export const Loading: Story = {
  args: { status: 'loading', model: undefined, progress: { ...progress, phase: 'loading', loaded: progress.total, fraction: 1 } },
}

export const OnWebGPU: Story = {
  args: {
    model: {
      ...model,
      device: 'webgpu',
      dtype: 'q4',
      threads: undefined,
      deviceReason: 'A WebGPU adapter and device were found',
      backend: 'onnxruntime-web/webgpu',
      backendReason: 'ONNX Runtime runs this graph on WebGPU',
    },
  },
}

/** The network broke: trying again can help, so it is offered. */
export const Failed: Story = {
  args: {
    status: 'error',
    model: undefined,
    error: new LLMError({
      code: 'network',
      message: 'The download of onnx/model_q4.onnx broke off. Check the connection and try again.',
      subject: 'onnx/model_q4.onnx',
      recoverable: true,
    }),
  },
  play: async ({ canvas, args }) => {
    await userEvent.click(canvas.getByRole('button', { name: 'Try again' }))
    await expect(args.load).toHaveBeenCalledOnce()
  },
}

/** Nothing that a user can do: no button that would fail again. */
export const Misconfigured: Story = {
  args: {
    status: 'error',
    model: undefined,
    error: new LLMError({
      code: 'model-not-found',
      message: 'There is no model at /models/missing. Check that the folder is served and holds config.json.',
      subject: 'models.onnx',
    }),
  },
  play: async ({ canvas }) => {
    await expect(canvas.queryByRole('button', { name: 'Try again' })).toBeNull()
  },
}

export const Unsupported: Story = {
  args: {
    status: 'unsupported',
    model: undefined,
    error: new LLMError({
      code: 'webgpu-unavailable',
      message: "This browser has no WebGPU. Set device to 'auto' or 'wasm' to run on the CPU.",
      subject: 'device',
    }),
  },
}

export const Narrow: Story = {
  decorators: [
    (Story) => (
      <div style={{ inlineSize: 288 }}>
        <Story />
      </div>
    ),
  ],
}
