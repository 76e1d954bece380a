import type { Meta, StoryObj } from '@storybook/react-vite'
import { ToolCall } from 'react-edge-llm/components'
import { expect, fn, userEvent, within } from 'storybook/test'

const call = { type: 'tool-set_lights', toolName: 'set_lights', toolCallId: 'call-1' } as const

/** One call of an app's function, from the first word of its arguments to its result. */
const meta = {
  title: 'Components/ToolCall',
  component: ToolCall,
  args: {
    part: {
      ...call,
      state: 'output-available',
      input: { room: 'kitchen', on: true, brightness: 80 },
      output: { changed: 2 },
    },
  },
} satisfies Meta<typeof ToolCall>

export default meta
type Story = StoryObj<typeof meta>

export const Done: Story = {
  play: async ({ canvas }) => {
    await expect(canvas.getByRole('region', { name: 'set_lights: Done' })).toBeVisible()
  },
}

export const WritingArguments: Story = {
  args: { part: { ...call, state: 'input-streaming', input: null, rawInput: '{"room": "kitc' } },
}

/** The arguments so far, parsed. */
export const WritingParsedArguments: Story = {
  args: { part: { ...call, state: 'input-streaming', input: null, partialInput: { room: 'kitc' }, rawInput: '{"room": "kitc' } },
}

export const Running: Story = {
  args: { part: { ...call, state: 'input-available', input: { room: 'kitchen', on: true } } },
}

export const Failed: Story = {
  args: {
    part: {
      ...call,
      state: 'output-error',
      input: { room: 'garage' },
      errorText: 'room: must be one of living room, kitchen, bedroom',
      rawInput: '{"room": "garage"}',
    },
  },
}

/** A tool with `needsApproval`. The answer goes to `addToolApproval`. */
export const AsksForPermission: Story = {
  args: {
    onApproval: fn(),
    part: {
      ...call,
      state: 'approval-requested',
      input: { room: 'kitchen', brightness: 100 },
      approval: { because: ['needs-approval'] },
    },
  },
  play: async ({ canvas, args }) => {
    const question = canvas.getByRole('group', { name: 'Allow set_lights?' })
    await userEvent.click(within(question).getByRole('button', { name: 'Allow' }))
    await expect(args.onApproval).toHaveBeenCalledWith({ toolCallId: 'call-1', approved: true })
  },
}

/** Values that the user did not say are asked about, unless the tool only reads. */
export const Doubtful: Story = {
  args: {
    onApproval: fn(),
    part: {
      ...call,
      state: 'approval-requested',
      input: { room: 'kitchen', brightness: 80 },
      approval: { because: ['doubts', 'low-confidence'] },
      doubts: [{ path: '/brightness', kind: 'ungrounded' }],
    },
  },
  play: async ({ canvas, args }) => {
    await userEvent.click(canvas.getByRole('button', { name: 'Deny' }))
    await expect(args.onApproval).toHaveBeenCalledWith({ toolCallId: 'call-1', approved: false })
  },
}

export const Denied: Story = {
  args: {
    part: {
      ...call,
      state: 'output-denied',
      input: { room: 'kitchen', brightness: 80 },
      approval: { because: ['doubts'], approved: false, reason: 'Too bright' },
    },
  },
}

/** A tool without a handler: the app gives the result with `addToolResult`, and may put what it needs for it below. */
export const WaitsForTheApp: Story = {
  args: {
    part: { ...call, state: 'input-available', input: { room: 'kitchen' }, awaitsResult: true },
    children: (
      <button type="button" className="edge-llm-button">
        Choose a brightness
      </button>
    ),
  },
}

export const NoArguments: Story = {
  args: { part: { ...call, state: 'output-available', input: {}, output: 'blue' } },
}

export const LongValues: Story = {
  args: {
    part: {
      ...call,
      toolName: 'write_a_very_long_note_for_the_whole_family_to_read',
      state: 'output-available',
      input: {
        title: 'Shopping',
        text: 'Bread, milk, a kilogram of apples, and something nice for Saturday evening when the neighbours come over',
        tags: ['food', 'weekend'],
      },
      output: { id: 'note-2f61c0de-31f4-4a55-9d4e-7b0f5d1f3f11', saved: true },
    },
  },
}

export const Narrow: Story = {
  ...LongValues,
  decorators: [
    (Story) => (
      <div style={{ inlineSize: 260 }}>
        <Story />
      </div>
    ),
  ],
}
