// Medians of both sides and how they compare.

import { median } from './median.mjs'

const first = (pick) => (round) => [pick(round.requests[0])]
const later = (pick) => (round) => round.requests.slice(1).map(pick)

/** What is compared. `better`: whether more or less of it is good. A first request may still warm up. */
const figures = [
  { name: 'load', unit: 'ms', better: 'less', of: (round) => [round.loadMs] },
  { name: 'time to first token, first request', unit: 'ms', better: 'less', of: first((request) => request.ttftMs) },
  { name: 'time to first token', unit: 'ms', better: 'less', of: later((request) => request.ttftMs) },
  { name: 'prefill', unit: 'tok/s', better: 'more', of: later((request) => request.prefill) },
  { name: 'decode', unit: 'tok/s', better: 'more', of: later((request) => request.decode) },
  { name: 'WebAssembly memory', unit: 'MB', better: 'less', of: (round) => [round.requests.at(-1).memoryBytes / 1e6] },
]

/**
 * `ratio`: how many times better ours is, as the median over pairs that ran one after the other.
 * On a busy machine it is steadier than the ratio of the medians.
 */
export function summarize({ ours, transformers }) {
  return figures.map(({ name, unit, better, of }) => {
    const [a, b] = [ours.flatMap(of), transformers.flatMap(of)]
    const ratios = a.map((value, i) => (better === 'more' ? value / b[i] : b[i] / value))
    return { name, unit, ours: median(a), transformers: median(b), ratio: median(ratios) }
  })
}

export function table(summary) {
  const rows = summary.map(({ name, unit, ours, transformers, ratio }) => [
    name,
    `${ours.toFixed(1)} ${unit}`,
    `${transformers.toFixed(1)} ${unit}`,
    `${ratio.toFixed(2)} ×`,
  ])
  const all = [['', 'react-edge-llm', 'Transformers.js', 'better by'], ...rows]
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)))
  return all.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('   ')).join('\n')
}
