// What the SIMD core is to reach, and how a run's figures stand to it.
import { median } from '../median.mjs'

/**
 * @typedef {import('../rounds.mjs').Rounds} Rounds
 * @typedef {{ coreBytes: number, wrapperBytes: number, q4Bytes: number }} Sizes
 * @typedef {{ threaded: Rounds, single: Rounds, passes: import('../core/types.js').PassTimes, memory: Record<string, { wasmBytes?: number }>, sizes: Sizes }} Measured by stage
 * @typedef {{ what: string, against: string, ours: string, theirs: string, value: number, unit: string, goal?: { least?: number, most?: number } }} Row
 *   `value`: what the goal is about, in `unit` (× for a ratio)
 */

export const stageNames = ['threaded', 'single', 'passes', 'memory', 'sizes']

/** How many times the rate of the other side ours is, at least. */
const rates = [
  { what: 'decode, 2 threads', stage: 'threaded', figure: 'decode', goals: { transformers: 3.5, wllama: 4.5 } },
  { what: 'decode, 1 thread, no headers', stage: 'single', figure: 'decode', goals: { transformers: 3 } },
  { what: 'prefill of 300 tokens, 2 threads', stage: 'threaded', figure: 'prefill', goals: { transformers: 3, wllama: 8 } },
]

/** The first request of a round may still compile code. */
const steady = (rounds, figure) => rounds.flatMap(({ requests }) => requests.slice(1).map((request) => request[figure]))

/** The median over neighbours: on a busy machine steadier than the ratio of medians. */
const ratio = (a, b) => median(a.map((value, i) => value / b[i]))

/** @param {Partial<Measured>} measured @returns {Row[]} of the stages that were measured */
export function rowsOf({ passes, memory, sizes, ...played }) {
  return [
    ...rates.flatMap((rate) => (played[rate.stage] ? rateRows(rate, played[rate.stage]) : [])),
    ...(passes ? passRows(passes) : []),
    ...(memory && sizes ? [memoryRow(memory, sizes)] : []),
    ...(sizes ? [sizeRow(sizes)] : []),
  ]
}

function rateRows({ what, figure, goals }, played) {
  const ours = steady(played.ours, figure)
  const others = Object.keys(played).filter((name) => name !== 'ours')
  return others.map((name) => {
    const theirs = steady(played[name], figure)
    const row = { what, against: name, ours: `${median(ours).toFixed(1)} tok/s`, theirs: `${median(theirs).toFixed(1)} tok/s`, value: ratio(ours, theirs), unit: '×' }
    return goals[name] === undefined ? row : { ...row, goal: { least: goals[name] } }
  })
}

function passRows({ one, eight, far }) {
  const ms = (times) => `${median(times).toFixed(1)} ms`
  return [
    { what: 'batched forward of 8 tokens', against: 'one token', ours: ms(eight), theirs: ms(one), value: ratio(eight, one), unit: '×', goal: { most: 3 } },
    { what: 'a token at 2,000 tokens of context', against: 'at 200', ours: ms(far), theirs: ms(one), value: ratio(far, one), unit: '×', goal: { most: 1.6 } },
  ]
}

function memoryRow({ ours: { wasmBytes } }, { q4Bytes }) {
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`
  return { what: 'memory, 1,000 tokens of context', against: 'the q4 file', ours: megabytes(wasmBytes), theirs: megabytes(q4Bytes), value: wasmBytes / q4Bytes, unit: '×', goal: { most: 1.3 } }
}

function sizeRow({ coreBytes, wrapperBytes }) {
  const kilobytes = (bytes) => `${(bytes / 1e3).toFixed(1)} kB`
  return { what: 'core .wasm + wrapper, gzipped', against: '–', ours: `${kilobytes(coreBytes)} + ${kilobytes(wrapperBytes)}`, theirs: '–', value: (coreBytes + wrapperBytes) / 1e3, unit: 'kB', goal: { most: 60 } }
}

/** Whether a row's goal is reached; undefined where it has none. @param {Row} row */
export function isReached({ value, goal }) {
  if (goal === undefined) return undefined
  return value >= (goal.least ?? -Infinity) && value <= (goal.most ?? Infinity)
}

/** As Markdown. @param {readonly Row[]} rows */
export function goalTable(rows) {
  const lines = rows.map((row) => {
    const goal = row.goal === undefined ? '–' : `${row.goal.least === undefined ? `≤ ${row.goal.most}` : `≥ ${row.goal.least}`} ${row.unit}`
    const reached = { true: 'yes', false: 'no', undefined: '–' }[String(isReached(row))]
    return [row.what, row.against, row.ours, row.theirs, `${row.value.toFixed(2)} ${row.unit}`, goal, reached]
  })
  const head = ['', 'against', 'ours', 'theirs', 'measured', 'goal', 'reached']
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
