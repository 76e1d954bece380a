import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, waitFor } from 'storybook/test'
import { modelArgs, modelArgTypes } from '../../model.js'
import { SquareColorDemo } from './SquareColorDemo.js'

/**
 * Two functions of the app, `set_square_color` and `get_square_color`, that the model can call.
 *
 * The model is function-caller, 135 million parameters, tuned to choose functions and to leave them alone
 * where a request lacks a value or asks for something else. `toolChoice` makes it call, or keeps it from it.
 */
const meta = {
  title: 'Demos/Square colour',
  component: SquareColorDemo,
  parameters: { layout: 'fullscreen', docs: { story: { height: '640px' } } },
  decorators: [(Story) => <div style={{ padding: '1rem' }}><Story /></div>],
  args: { ...modelArgs, color: 'red', toolChoice: 'auto', maxTokens: 96, maxSteps: 3 },
  argTypes: {
    ...modelArgTypes,
    color: { control: 'select' },
    toolChoice: { control: 'select', options: ['auto', 'required', 'none', 'set_square_color', 'get_square_color'] },
  },
} satisfies Meta<typeof SquareColorDemo>

export default meta
type Story = StoryObj<typeof meta>

export const Demo: Story = { name: 'Square colour' }

/** The model is free, and calls `get_square_color` for a question about the color. */
export const CallsTheFunction: Story = {
  tags: ['!autodocs'],
  args: { maxTokens: 48, maxSteps: 1 },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole('img', { name: 'red square' })).toBeVisible()
    await userEvent.click(canvas.getByRole('button', { name: 'What color is the square?' }))
    await canvas.findByRole('region', { name: 'get_square_color: Done' }, { timeout: 120_000 })
    await waitFor(() => expect(canvas.getByRole('log')).toHaveAttribute('aria-busy', 'false'), { timeout: 60_000 })
  },
}
