import type { Meta, StoryObj } from '@storybook/react-vite'
import { LLMProvider, useFunctionCalling } from 'react-edge-llm'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { modelArgs, modelArgTypes, toConfig, type ModelArgs } from '../model.js'
import { DemoChat } from './DemoChat.js'
import './demos.css'

interface ChatArgs extends ModelArgs {
  /** What the model is told before the conversation. */
  system: string
  /** Most tokens of one answer. */
  maxTokens: number
  /** 0 always takes the likeliest token. */
  temperature: number
}

function ChatDemo({ system, maxTokens, temperature, ...model }: ChatArgs) {
  return (
    <LLMProvider config={toConfig(model)}>
      <div className="demo demo-single">
        <PlainChat system={system} maxTokens={maxTokens} temperature={temperature} />
      </div>
    </LLMProvider>
  )
}

function PlainChat(options: { system: string; maxTokens: number; temperature: number }) {
  const chat = useFunctionCalling(options)
  return <DemoChat chat={chat} suggestions={['What is the capital of France?', 'Write a haiku about rain', 'Explain gravity to a child']} />
}

/**
 * A conversation with a model of 135 million parameters that runs in this page. The first message
 * loads it; watch the progress on top. It is small: it chats, it does not know much.
 */
const meta = {
  title: 'Demos/Getting started',
  component: ChatDemo,
  parameters: { layout: 'fullscreen', docs: { story: { height: '640px' } } },
  decorators: [(Story) => <div style={{ padding: '1rem' }}><Story /></div>],
  args: { ...modelArgs, system: 'You are a helpful assistant. Answer in one or two sentences.', maxTokens: 160, temperature: 0 },
  argTypes: { ...modelArgTypes, temperature: { control: { type: 'range', min: 0, max: 1.5, step: 0.1 } } },
} satisfies Meta<typeof ChatDemo>

export default meta
type Story = StoryObj<typeof meta>

export const Demo: Story = { name: 'Chat' }

/** Sends a message, sees words stream in and the turn end. */
export const AnswersInTheBrowser: Story = {
  tags: ['!autodocs'],
  args: { maxTokens: 12 },
  play: async ({ canvas }) => {
    await userEvent.type(canvas.getByRole('textbox', { name: 'Message' }), 'What is the capital of France?{Enter}')
    await expect(await canvas.findByRole('button', { name: 'Stop' })).toBeVisible()
    const answer = await canvas.findByRole('article', { name: 'Assistant' }, { timeout: 90_000 })
    await waitFor(() => expect(canvas.getByRole('log')).toHaveAttribute('aria-busy', 'false'), { timeout: 90_000 })
    await expect(answer.textContent?.length).toBeGreaterThan(3)
    await expect(within(answer).getByText(/^\d+ tokens/)).toBeVisible()
    await expect(canvas.getByText('Ready')).toBeVisible()
  },
}

/** Stops in the middle of an answer; what was written stays, and the next message works. */
export const StopsAtOnce: Story = {
  tags: ['!autodocs'],
  args: { maxTokens: 400 },
  play: async ({ canvas }) => {
    const log = canvas.getByRole('log')
    await userEvent.click(canvas.getByRole('button', { name: 'Explain gravity to a child' }))
    await canvas.findByRole('article', { name: 'Assistant' }, { timeout: 90_000 })
    await userEvent.click(canvas.getByRole('button', { name: 'Stop' }))
    await waitFor(() => expect(log).toHaveAttribute('aria-busy', 'false'), { timeout: 2000 })
    await expect(within(log).getByText('Stopped')).toBeVisible()
    await userEvent.type(canvas.getByRole('textbox', { name: 'Message' }), 'Hi{Enter}')
    await waitFor(() => expect(canvas.getAllByRole('article', { name: 'Assistant' })).toHaveLength(2), { timeout: 60_000 })
    await userEvent.click(canvas.getByRole('button', { name: 'Stop' }))
  },
}
