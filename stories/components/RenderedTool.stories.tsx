import type { Meta, StoryObj } from '@storybook/react-vite'
import { LLMProvider, tool, useFunctionCalling, type ToolPart } from 'react-edge-llm'
import { Message } from 'react-edge-llm/components'
import type { ReactNode } from 'react'
import { expect } from 'storybook/test'
import { z } from 'zod'

const setTemperature = tool({
  name: 'set_temperature',
  description: 'Set the thermostat, in degrees Celsius',
  inputSchema: z.object({ temperature: z.int().min(15).max(28) }),
  needsApproval: ({ temperature }) => temperature > 24,
  execute: ({ temperature }) => ({ temperature }),
  render: ({ part, approve, deny }) => {
    switch (part.state) {
      case 'input-streaming':
        return <Thermostat degrees={part.partialInput?.temperature} words="Turning the dial" />
      case 'approval-requested':
        return (
          <Thermostat degrees={part.input.temperature} words="That costs money. Shall I?">
            <button type="button" className="edge-llm-button" onClick={approve}>
              Heat
            </button>{' '}
            <button type="button" className="edge-llm-button" onClick={() => deny('too warm')}>
              Leave it
            </button>
          </Thermostat>
        )
      case 'output-available':
        return <Thermostat degrees={part.output.temperature} words="Set" />
      default:
        return undefined
    }
  },
})

function Thermostat({ degrees, words, children }: { degrees: number | undefined; words: string; children?: ReactNode }) {
  return (
    <figure className="edge-llm-tool" style={{ margin: 0 }}>
      <meter aria-label="Temperature" min={15} max={28} value={degrees ?? 15} style={{ inlineSize: '100%' }} />
      <figcaption>
        {words}: {degrees ?? '…'} °C {children}
      </figcaption>
    </figure>
  )
}

const call = { type: 'tool-set_temperature', toolName: 'set_temperature', toolCallId: 'call-1' } as const

/**
 * A tool may bring how its calls look: `render` gets the call, typed by the tool's schemas, and what can be
 * done about it. `Chat` uses it by itself. Where it gives `undefined`, or throws, the card is shown.
 */
function Rendered({ part }: { part: ToolPart }) {
  const { renderTool } = useFunctionCalling({ tools: [setTemperature] })
  return <Message message={{ id: '1', role: 'assistant', parts: [part] }} renderTool={renderTool} />
}

const meta = {
  title: 'Components/Tool with render',
  component: Rendered,
  decorators: [
    (Story) => (
      <LLMProvider config={{}}>
        <Story />
      </LLMProvider>
    ),
  ],
  args: { part: { ...call, state: 'output-available', input: { temperature: 21 }, output: { temperature: 21 } } },
} satisfies Meta<typeof Rendered>

export default meta
type Story = StoryObj<typeof meta>

export const Done: Story = {
  play: async ({ canvas }) => {
    await expect(canvas.getByRole('meter', { name: 'Temperature' })).toHaveAttribute('value', '21')
  },
}

export const WritingArguments: Story = {
  args: { part: { ...call, state: 'input-streaming', input: null, partialInput: {}, rawInput: '{"temperature": ' } },
}

export const Asks: Story = {
  args: { part: { ...call, state: 'approval-requested', input: { temperature: 26 }, approval: { because: ['needs-approval'] } } },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole('button', { name: 'Heat' })).toBeVisible()
  },
}

/** A state that `render` leaves out. */
export const LeftToTheCard: Story = {
  args: {
    part: {
      ...call,
      state: 'output-denied',
      input: { temperature: 26 },
      approval: { because: ['needs-approval'], approved: false, reason: 'too warm' },
    },
  },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole('region', { name: 'set_temperature: Not allowed' })).toBeVisible()
  },
}
