// What users are to feel, and how a run's figures stand to it.
import { median } from '../median.mjs'

/**
 * @typedef {import('../cpu/goals.mjs').Row} Row
 * @typedef {Record<string, Record<string, import('./scenarios.mjs').Played[]>>} Measured by scenario and side; what has
 *   one index was measured in one round
 * @typedef {object} Figure
 * @property {string} scenario
 * @property {string} what
 * @property {'ms' | 'tok/s' | 'MB'} unit of `tok/s` more is better, of others less
 * @property {(played: import('./scenarios.mjs').Played) => (number | undefined)[]} of
 * @property {Record<string, { least: number }>} [goals] how many times better ours is to be, by what it is compared with
 */

const call = (name) => (played) => [played[name]?.callMs]
const megabytes = (bytes) => bytes && bytes / 1e6
const memory = (name) => (played) => [megabytes(played.memory?.[name])]

/** @type {Record<'wasm' | 'webgpu', Record<string, Figure['goals']>>} by what is compared; `what` in the table of figures */
const goals = {
  wasm: {
    'send → call, first turn': { transformers: { least: 4 }, wllama: { least: 8 } },
    'send → call, second turn': { transformers: { least: 15 } },
    'send → call, second turn, 1 thread, no headers': { transformers: { least: 12 } },
    'first token, second turn of a 2,000-token chat': { transformers: { least: 30 } },
    'send → call, first turn after a reload': { 'without persistence': { least: 4 } },
    'prose, decode': { 'without speculation': { least: 1.2 } },
  },
  webgpu: {
    'send → call, second turn': { transformers: { least: 4 } },
    'prose, decode': { transformers: { least: 1.3 } },
  },
}

/** @type {Figure[]} */
const figures = [
  { scenario: 'start', what: 'cold start', unit: 'ms', of: ({ coldMs }) => [coldMs] },
  { scenario: 'start', what: 'warm start', unit: 'ms', of: ({ warmMs }) => [warmMs] },
  { scenario: 'turns', what: 'send → call, first turn', unit: 'ms', of: call('first') },
  { scenario: 'turns', what: 'send → call, second turn', unit: 'ms', of: call('second') },
  { scenario: 'turns', what: 'send → call, regenerate', unit: 'ms', of: call('again') },
  { scenario: 'forty', what: 'send → call, 40 tools', unit: 'ms', of: call('first') },
  { scenario: 'single', what: 'send → call, first turn, 1 thread, no headers', unit: 'ms', of: call('first') },
  { scenario: 'single', what: 'send → call, second turn, 1 thread, no headers', unit: 'ms', of: call('second') },
  { scenario: 'reload', what: 'send → call, first turn after a reload', unit: 'ms', of: call('first') },
  { scenario: 'prose', what: 'prose, decode', unit: 'tok/s', of: ({ answers }) => answers.map(({ decode }) => decode) },
  { scenario: 'context', what: 'first token of 2,000 tokens', unit: 'ms', of: ({ first }) => [first.ttftMs] },
  { scenario: 'context', what: 'first token, second turn of a 2,000-token chat', unit: 'ms', of: ({ second }) => [second.ttftMs] },
  { scenario: 'turns', what: 'memory of the page after turns', unit: 'MB', of: memory('bytes') },
  { scenario: 'turns', what: 'most memory of the page, load and turns', unit: 'MB', of: memory('peakBytes') },
  { scenario: 'context', what: 'memory of the page, 2,000 tokens', unit: 'MB', of: memory('bytes') },
]

/**
 * How ours compares: the median over neighbours, on a busy machine steadier than the ratio of medians.
 * @param {Measured} measured
 * @param {'wasm' | 'webgpu'} device
 * @returns {(Row & { scenario: string, unitOf: Figure['unit'], medians: [number, number] })[]} of what was measured
 */
export function rowsOf(measured, device) {
  return figures.flatMap(({ scenario, what, unit, of }) => {
    const { ours, ...others } = measured[scenario] ?? {}
    if (ours === undefined) return []
    return Object.entries(others).flatMap(([against, rounds]) => {
      const pairs = ours.flatMap((round, i) => {
        const theirs = rounds[i] === undefined ? [] : of(rounds[i])
        return of(round).flatMap((value, j) => (value === undefined || theirs[j] === undefined ? [] : [[value, theirs[j]]]))
      })
      if (pairs.length === 0) return []
      const medians = /** @type {[number, number]} */ ([0, 1].map((side) => median(pairs.map((pair) => pair[side]))))
      const value = median(pairs.map(([a, b]) => (unit === 'tok/s' ? a / b : b / a)))
      const [a, b] = medians.map((figure) => `${figure.toFixed(unit === 'tok/s' ? 1 : 0)} ${unit}`)
      const goal = goals[device][what]?.[against]
      return [{ scenario, what, against, ours: a, theirs: b, value, unit: '×', unitOf: unit, medians, ...(goal && { goal }) }]
    })
  })
}

/**
 * Bytes that a token of context adds to our WebAssembly memory, between a short prompt and the long chat.
 * @param {Measured} measured
 * @returns {number | undefined}
 */
export function bytesPerToken({ context }) {
  const slopes = (context?.ours ?? []).flatMap(({ short, second }) =>
    short?.memoryBytes && second?.memoryBytes ? [(second.memoryBytes - short.memoryBytes) / (second.promptTokens - short.promptTokens)] : [],
  )
  return slopes.length > 0 ? median(slopes) : undefined
}

/**
 * Runs of the model for the calls that ours wrote, where the engine tells them. No noise touches them.
 * @param {Measured} measured
 * @returns {{ passes: number, tokens: number, calls: number } | undefined}
 */
export function passesOf({ turns, forty, single }) {
  const all = [turns, forty, single].flatMap((scenario) => scenario?.ours ?? []).flatMap(({ first, second, again }) => [first, second, again])
  const called = all.filter((turn) => turn?.callMs !== undefined && turn.forwardPasses !== undefined)
  if (called.length === 0) return undefined
  const sum = (of) => called.reduce((total, turn) => total + of(turn), 0)
  return { passes: sum(({ forwardPasses }) => forwardPasses), tokens: sum(({ tokens }) => tokens), calls: called.length }
}
