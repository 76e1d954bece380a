import type { Meta, StoryObj } from '@storybook/react-vite'
import { LLMProvider, useLLM } from 'react-edge-llm'
import { ModelStatus } from 'react-edge-llm/components'
import { expect, userEvent, waitFor } from 'storybook/test'
import { modelArgs, modelArgTypes, tinyModel, toConfig, type ModelArgs } from '../model.js'

function StatusDemo(model: ModelArgs) {
  return (
    <LLMProvider config={toConfig(model)}>
      <div style={{ maxInlineSize: '40rem', marginInline: 'auto' }}>
        <Status />
      </div>
    </LLMProvider>
  )
}

function Status() {
  return <ModelStatus {...useLLM()} />
}

/**
 * A model's life: not loaded, downloading with one bar over all of its files, loading into memory,
 * ready, unloaded. Load it, cancel in the middle, load again.
 */
const meta = {
  title: 'Demos/Download progress and model status',
  component: StatusDemo,
  args: modelArgs,
  argTypes: modelArgTypes,
} satisfies Meta<typeof StatusDemo>

export default meta
type Story = StoryObj<typeof meta>

export const Demo: Story = { name: 'Download progress and model status' }

/** Loads, says what runs where and why, and frees the model. */
export const LoadsAndUnloads: Story = {
  tags: ['!autodocs'],
  args: { model: tinyModel },
  play: async ({ canvas }) => {
    await userEvent.click(canvas.getByRole('button', { name: 'Load model' }))
    await expect(await canvas.findByRole('progressbar')).toBeVisible()
    await waitFor(() => expect(canvas.getByRole('status')).toHaveTextContent('Ready'), { timeout: 60_000 })
    await expect(canvas.getByText('WASM')).toBeVisible()
    await expect(canvas.getByTitle(tinyModel)).toHaveTextContent('smollm2-tiny')
    await userEvent.click(canvas.getByRole('button', { name: 'Unload' }))
    await waitFor(() => expect(canvas.getByRole('status')).toHaveTextContent('Not loaded'))
  },
}

/** A load that is cancelled leaves nothing behind, and the next one works. */
export const CancelsALoad: Story = {
  tags: ['!autodocs'],
  play: async ({ canvas }) => {
    await userEvent.click(canvas.getByRole('button', { name: 'Load model' }))
    await userEvent.click(await canvas.findByRole('button', { name: 'Cancel' }))
    await waitFor(() => expect(canvas.getByRole('status')).toHaveTextContent('Not loaded'))
    await expect(canvas.queryByRole('alert')).toBeNull()
    await expect(canvas.getByRole('button', { name: 'Load model' })).toBeEnabled()
  },
}
