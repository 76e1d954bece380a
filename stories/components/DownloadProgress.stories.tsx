import type { Meta, StoryObj } from '@storybook/react-vite'
import { DownloadProgress } from 'react-edge-llm/components'
import { expect } from 'storybook/test'
import { progress } from './fixtures.js'

/** One bar over all files of a load. It shows numbers only where they are measured. */
const meta = {
  title: 'Components/DownloadProgress',
  component: DownloadProgress,
  args: { progress },
} satisfies Meta<typeof DownloadProgress>

export default meta
type Story = StoryObj<typeof meta>

export const Downloading: Story = {
  play: async ({ canvas }) => {
    const bar = canvas.getByRole('progressbar', { name: 'Downloading' })
    await expect(bar).toHaveAttribute('aria-valuenow', '42')
    await expect(bar).toHaveAttribute('aria-valuetext', '58.4 of 138 MB, 6.3 MB/s, 13 s left')
  },
}

export const Looking: Story = {
  args: {
    progress: { ...progress, phase: 'resolving', loaded: 0, total: 0, fraction: 0, bytesPerSecond: 0, etaSeconds: undefined, file: 'config.json' },
  },
}

/** The server told no size: no invented percentage. */
export const UnknownSize: Story = {
  args: { progress: { ...progress, total: 0, fraction: 0, etaSeconds: undefined } },
}

export const Stalled: Story = { args: { progress: { ...progress, bytesPerSecond: 0, etaSeconds: undefined } } }

export const LoadingIntoMemory: Story = {
  args: {
    progress: { ...progress, phase: 'loading', loaded: progress.total, fraction: 1, bytesPerSecond: 0, etaSeconds: undefined },
  },
  play: async ({ canvas }) => {
    await expect(canvas.getByRole('progressbar')).not.toHaveAttribute('aria-valuenow')
  },
}

export const Narrow: Story = {
  decorators: [
    (Story) => (
      <div style={{ inlineSize: 200 }}>
        <Story />
      </div>
    ),
  ],
}
