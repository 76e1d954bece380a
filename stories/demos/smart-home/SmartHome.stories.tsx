import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect, userEvent, waitFor } from 'storybook/test'
import { modelArgs, modelArgTypes } from '../../model.js'
import { SmartHomeDemo, toolNames } from './SmartHomeDemo.js'

/**
 * Six functions with closed lists and ranges: lights, blinds, thermostat, music, scenes, and one that
 * reads the state. What the handlers change, the picture shows.
 *
 * The model in this story is a general one that was never trained to call functions: it mostly talks.
 * Set `toolChoice` to a function and it has to call that one; values outside of a list or range are
 * refused before a handler runs, and the card shows why.
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

/** A forced call among six functions: it calls `play_music`, well or badly, and the turn ends. */
export const CallsAFunction: Story = {
  tags: ['!autodocs'],
  args: { toolChoice: 'play_music', maxTokens: 32, maxSteps: 1 },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole('img', { name: /no music/ })).toBeVisible()
    await userEvent.click(canvas.getByRole('button', { name: 'Play some jazz' }))
    await canvas.findByRole('region', { name: /^play_music: (Done|Failed)$/ }, { timeout: 150_000 })
    await waitFor(() => expect(canvas.getByRole('log')).toHaveAttribute('aria-busy', 'false'), { timeout: 60_000 })
  },
}
