import { rate } from './format.js'

const width = 240
const height = 56
const inset = 3

export interface SparklineProps {
  /** Measured values in order of time. */
  values: readonly number[]
  /** What the values are, for screen readers. */
  label: string
}

/** A line of values with its area, as SVG. The scale starts at zero, so heights compare honestly. */
export function Sparkline({ values, label }: SparklineProps) {
  const top = Math.max(...values, 0)
  const points = values.map((value, index) => {
    const x = values.length === 1 ? width - inset : inset + (index / (values.length - 1)) * (width - 2 * inset)
    const y = height - inset - (top === 0 ? 0 : value / top) * (height - 2 * inset)
    return [Number(x.toFixed(1)), Number(y.toFixed(1))] as const
  })
  const line = points.map(([x, y]) => `${x},${y}`).join(' ')
  const first = points[0]
  const last = points.at(-1)
  const range = values.length > 0 ? `, ${rate(Math.min(...values))} to ${rate(top)}, now ${rate(values.at(-1) ?? 0)}` : ''
  return (
    <svg
      className="edge-llm-sparkline"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label + range}
    >
      <line x1="0" x2={width} y1={height - inset} y2={height - inset} className="edge-llm-sparkline-axis" />
      {first && last && (
        <>
          <polygon
            className="edge-llm-sparkline-area"
            points={`${first[0]},${height - inset} ${line} ${last[0]},${height - inset}`}
          />
          <polyline className="edge-llm-sparkline-line" points={line} />
        </>
      )}
    </svg>
  )
}
