import type { Meta, StoryObj } from '@storybook/react-vite'
import { LLMProvider, useFunctionCalling, useLLM } from 'react-edge-llm'
import { MetricsPanel, useTokenRate } from 'react-edge-llm/components'
import { expect, userEvent, waitFor } from 'storybook/test'
import { modelArgs, modelArgTypes, tinyModel, toConfig, type ModelArgs } from '../model.js'
import { DemoChat } from './DemoChat.js'
import { DemoLayout } from './DemoLayout.js'

interface MetricsArgs extends ModelArgs {
  /** Most tokens of one answer. */
  maxTokens: number
}

function MetricsDemo({ maxTokens, ...model }: MetricsArgs) {
  return (
    <LLMProvider config={toConfig(model)}>
      <MeasuredChat maxTokens={maxTokens} />
    </LLMProvider>
  )
}

function MeasuredChat({ maxTokens }: { maxTokens: number }) {
  const chat = useFunctionCalling({ maxTokens })
  const llm = useLLM()
  const rates = useTokenRate(chat.messages, chat.status)
  return (
    <DemoLayout
      stage={
        <>
          <div style={{ inlineSize: '100%' }}>
            <MetricsPanel metrics={llm.metrics} model={llm.model} rates={rates} isLive={chat.status === 'streaming'} />
          </div>
          <p className="demo-note">
            While an answer streams, the rate is estimated from how the text grows; the figures below it are measured
            by the engine.
          </p>
        </>
      }
    >
      <DemoChat chat={chat} suggestions={['Tell me a story about a lighthouse', 'Count from one to twenty in words']} />
    </DemoLayout>
  )
}

/** What an answer costs on this device: rate over time, time to first token, tokens in and out, memory. */
const meta = {
  title: 'Demos/Streaming metrics',
  component: MetricsDemo,
  parameters: { layout: 'fullscreen', docs: { story: { height: '640px' } } },
  decorators: [(Story) => <div style={{ padding: '1rem' }}><Story /></div>],
  args: { ...modelArgs, maxTokens: 200 },
  argTypes: modelArgTypes,
} satisfies Meta<typeof MetricsDemo>

export default meta
type Story = StoryObj<typeof meta>

export const Demo: Story = { name: 'Streaming metrics' }

/** After an answer, every figure of it is there. */
export const FiguresAppear: Story = {
  tags: ['!autodocs'],
  args: { model: tinyModel, maxTokens: 16 },
  play: async ({ canvas }) => {
    await expect(canvas.getByText('Figures appear with the first answer.')).toBeVisible()
    await userEvent.click(canvas.getByRole('button', { name: 'Tell me a story about a lighthouse' }))
    await waitFor(() => expect(canvas.getByText('Tokens out').nextElementSibling).toHaveTextContent(/^[1-9]\d*$/), {
      timeout: 60_000,
    })
    await expect(canvas.getByText('First token').nextElementSibling).toHaveTextContent(/\d (ms|s)$/)
    await expect(canvas.getByText('Model load').nextElementSibling).toHaveTextContent(/\d (ms|s)$/)
  },
}
