import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, waitFor } from 'storybook/test'
import { modelArgs, modelArgTypes } from '../../model.js'
import { SquareColorDemo } from './SquareColorDemo.js'

/**
 * Two functions of the app, `set_square_color` and `get_square_color`, that the model can call.
 *
 * The model in this story is a general one that was never trained to call functions. Left to itself
 * (`toolChoice: auto`) it answers in words, or with code. Set `toolChoice` to a function and it has to
 * call that one; what it then writes as arguments rarely fits the schema, and such a call is refused
 * before the handler runs. A model that was trained for it needs none of this.
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

/** A forced call: whatever the model would rather say, it calls `get_square_color`, well or badly, and the turn ends. */
export const CallsTheFunction: Story = {
  tags: ['!autodocs'],
  args: { toolChoice: 'get_square_color', maxTokens: 24, maxSteps: 1 },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole('img', { name: 'red square' })).toBeVisible()
    await userEvent.click(canvas.getByRole('button', { name: 'What color is the square?' }))
    await canvas.findByRole('region', { name: /^get_square_color: (Done|Failed)$/ }, { timeout: 120_000 })
    await waitFor(() => expect(canvas.getByRole('log')).toHaveAttribute('aria-busy', 'false'), { timeout: 60_000 })
  },
}
