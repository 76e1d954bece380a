import type { Meta, StoryObj } from '@storybook/react-vite'
import { expect } from 'storybook/test'
import { chart } from '../../bench/compare/chart.mjs'
import { figures } from '../../bench/results/wasm.mjs'

/** What `npm run bench` measured once, on one machine. `docs/performance.md` says what is measured, and how to repeat it. */
function Figures({ machine, device, threads, taken, load, rows }: typeof figures) {
  const days = [...new Set(Object.values(taken).map((time) => time.slice(0, 10)))]
  return (
    <figure style={{ maxInlineSize: 720, margin: 0, fontFamily: 'system-ui, sans-serif' }}>
      <figcaption style={{ marginBlockEnd: '1rem' }}>
        {machine}; {device === 'wasm' ? 'CPU' : 'GPU'}, {threads} threads; {days.join(', ')}; load of the machine up to{' '}
        {Math.max(...Object.values(load))}. Medians, and how many times better ours is.
      </figcaption>
      <div dangerouslySetInnerHTML={{ __html: chart(rows) }} />
    </figure>
  )
}

const meta = { title: 'Performance/Figures', component: Figures, args: figures } satisfies Meta<typeof Figures>

export default meta
type Story = StoryObj<typeof meta>

export const CPU: Story = {
  name: 'On CPUs',
  play: async ({ canvas }) => {
    await expect(canvas.getByRole('img')).toBeVisible()
  },
}
