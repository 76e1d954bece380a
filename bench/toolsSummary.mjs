// Medians of what bench/tools measured, and how the ways of writing calls compare.
import { median, quantile } from './median.mjs'

const sum = (values) => values.reduce((total, value) => total + value, 0)

/** What is measured of an answer. */
const figures = [
  { name: 'sent to dispatched call', unit: 'ms', of: (answer) => answer.dispatchedMs },
  { name: '  of it to the first token', unit: 'ms', of: (answer) => answer.firstTokenMs },
  { name: '  of it after the first token', unit: 'ms', of: (answer) => answer.dispatchedMs - answer.firstTokenMs },
  { name: 'forward passes after the prompt', unit: '', of: (answer) => answer.decodeRuns.length },
  { name: 'tokens of the answer', unit: '', of: (answer) => answer.tokenIds.length },
]

/**
 * `ratio`: how many times more the last side takes than the first, as the median over messages that were asked one
 * after the other. On a busy machine it is steadier than the ratio of the medians.
 */
export function summarizeTools({ names, answers, steps, compile }) {
  const [best] = names
  const baseline = names.at(-1)
  const called = answers.filter(({ answer }) => names.every((name) => answer[name].dispatchedMs !== undefined))
  if (called.length === 0) throw new Error('No message got a call on all sides, so there is nothing to compare.')
  const masks = steps.flatMap(({ maskMs }) => (maskMs === undefined ? [] : [maskMs]))
  const singles = called.flatMap(({ answer }) => answer[best].decodeRuns.filter(({ tokens }) => tokens === 1).map(({ ms }) => ms))
  const decodeMs = sum(called.flatMap(({ answer }) => answer[best].decodeRuns.map(({ ms }) => ms)))
  const grammarMs = sum(steps.map(({ forcedMs, maskMs = 0, acceptMs }) => forcedMs + maskMs + acceptMs))
  return {
    sides: figures.map(({ name, unit, of }) => ({
      ...{ name, unit },
      medians: Object.fromEntries(names.map((side) => [side, median(called.map(({ answer }) => of(answer[side])))])),
      ratio: median(called.map(({ answer }) => of(answer[baseline]) / of(answer[best]))),
    })),
    messages: {
      asked: answers.length,
      notCalled: Object.fromEntries(names.map((side) => [side, answers.filter(({ answer }) => answer[side].dispatchedMs === undefined).length])),
      sameCalls: answers.filter(({ answer }) => names.every((side) => answer[side].calls === answer[best].calls)).length,
    },
    mask: {
      medianMs: median(masks),
      p95Ms: quantile(masks, 0.95),
      mostMs: Math.max(...masks),
      passMs: median(singles),
      shareOfPass: median(masks) / median(singles),
    },
    grammar: {
      forcedMs: median(steps.map(({ forcedMs }) => forcedMs)),
      acceptMs: median(steps.map(({ acceptMs }) => acceptMs)),
      // For each token that was picked, of what a pass of the graph took on the mean.
      shareOfDecode: grammarMs / steps.length / (decodeMs / sum(called.map(({ answer }) => answer[best].decodeRuns.length))),
    },
    compile: {
      onceMs: median(compile.map(({ once }) => once)),
      sets: compile[0].sets.map(({ tools }, i) => ({
        tools,
        firstMs: median(compile.map(({ sets }) => sets[i].first)),
        cachedMs: median(compile.map(({ sets }) => sets[i].cached)),
      })),
    },
  }
}

export function tables({ sides, messages, mask, grammar, compile }) {
  const names = Object.keys(sides[0].medians)
  const compared = [
    ['', ...names, 'better by'],
    ...sides.map(({ name, unit, medians, ratio }) => [
      name,
      ...names.map((side) => `${medians[side].toFixed(unit === 'ms' ? 0 : 1)} ${unit}`.trim()),
      `${ratio.toFixed(2)} ×`,
    ]),
    ['messages without a call', ...names.map((side) => `${messages.notCalled[side]} of ${messages.asked}`), ''],
  ]
  const percent = (share) => `${(100 * share).toFixed(2)} %`
  const cost = [
    ['grammar, for a token that is picked', 'median', '95 % below', 'most', 'of a pass'],
    ['mask', ...[mask.medianMs, mask.p95Ms, mask.mostMs].map((ms) => `${ms.toFixed(3)} ms`), percent(mask.shareOfPass)],
    ['looking for certain text', `${grammar.forcedMs.toFixed(3)} ms`, '', '', percent(grammar.forcedMs / mask.passMs)],
    ['going on by the token', `${grammar.acceptMs.toFixed(3)} ms`, '', '', percent(grammar.acceptMs / mask.passMs)],
    ['all of it, mean', '', '', '', percent(grammar.shareOfDecode)],
  ]
  const sets = [
    ['from the request to its first mask', 'first', 'again'],
    ...compile.sets.map(({ tools, firstMs, cachedMs }) => [`${tools} tools`, `${firstMs.toFixed(0)} ms`, `${cachedMs.toFixed(1)} ms`]),
    ['once a model, more', `${compile.onceMs.toFixed(0)} ms`, ''],
  ]
  const note = `The same calls on all sides: ${messages.sameCalls} of ${messages.asked}. A pass of one token takes ${mask.passMs.toFixed(1)} ms.`
  return [layOut(compared), note, layOut(cost), layOut(sets)].join('\n\n')
}

function layOut(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('   ')).join('\n')
}
