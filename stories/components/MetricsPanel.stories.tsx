import type { Meta, StoryObj } from '@storybook/react-vite'
import { MetricsPanel } from 'react-edge-llm/components'
import { expect } from 'storybook/test'
import { metrics, model, rates } from './fixtures.js'

/** What a generation cost. */
const meta = {
  title: 'Components/MetricsPanel',
  component: MetricsPanel,
  args: { metrics, rates, model },
} satisfies Meta<typeof MetricsPanel>

export default meta
type Story = StoryObj<typeof meta>

export const Finished: Story = {
  play: async ({ canvas }) => {
    await expect(canvas.getByText('22')).toBeVisible()
    await expect(canvas.getByRole('img', { name: /9\.1 to 23, now 22/ })).toBeVisible()
  },
}

export const Live: Story = { args: { rates: rates.slice(0, 6), isLive: true, metrics: undefined } }

export const Empty: Story = { args: { metrics: undefined, rates: [], model: undefined } }

/** One token: no rate can be told. */
export const OneToken: Story = {
  args: { metrics: { ...metrics, completionTokens: 1, decodeTokensPerSecond: undefined }, rates: [] },
}

export const Narrow: Story = {
  decorators: [
    (Story) => (
      <div style={{ inlineSize: 264 }}>
        <Story />
      </div>
    ),
  ],
}
