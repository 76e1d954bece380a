import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, waitFor } from 'storybook/test'
import { modelArgs, modelArgTypes } from '../../model.js'
import { SmartHomeDemo, toolNames } from './SmartHomeDemo.js'

/**
 * Six functions with closed lists and ranges: lights, blinds, thermostat, music, scenes, and one that
 * reads the state. What the handlers change, the picture shows.
 *
 * The model is function-caller, 135 million parameters, tuned to choose functions. Should it write a value
 * outside of a list or range, the call is refused before a handler runs, and the card shows why. A value that
 * you did not say, and heating above 24 °C, is asked about before it happens.
 */
const meta = {
  title: 'Demos/Smart home',
  component: SmartHomeDemo,
  parameters: { layout: 'fullscreen', docs: { story: { height: '640px' } } },
  decorators: [(Story) => <div style={{ padding: '1rem' }}><Story /></div>],
  args: { ...modelArgs, toolChoice: 'auto', maxTokens: 128, maxSteps: 3 },
  argTypes: {
    ...modelArgTypes,
    toolChoice: { control: 'select', options: ['auto', 'required', 'none', ...toolNames] },
  },
} satisfies Meta<typeof SmartHomeDemo>

export default meta
type Story = StoryObj<typeof meta>

export const Demo: Story = { name: 'Smart home' }

/** The model is free to choose among six functions, and calls `play_music`. */
export const CallsAFunction: Story = {
  tags: ['!autodocs'],
  args: { maxTokens: 48, maxSteps: 1 },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole('img', { name: /no music/ })).toBeVisible()
    await userEvent.click(canvas.getByRole('button', { name: 'Play some jazz' }))
    await canvas.findByRole('region', { name: 'play_music: Done' }, { timeout: 150_000 })
    await waitFor(() => expect(canvas.getByRole('log')).toHaveAttribute('aria-busy', 'false'), { timeout: 60_000 })
  },
}
