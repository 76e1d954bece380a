import { textTable } from '../textTable.js'
import { failures } from './judge.js'
import type { ScoreSummary, Share } from './summarize.js'

/** The scores as a table for a terminal: one line a category, a column for each way to fail. */
export function scoreTable({ kinds, fullMatch, rightRefusals }: ScoreSummary): string {
  const rows = [
    ['category', 'cases', 'right', ...failures],
    ...Object.entries(kinds).map(([name, kind]) => [
      name,
      String(kind.cases),
      percent(kind),
      ...failures.map((failure) => String(kind.failures[failure] ?? '')),
    ]),
  ]
  const totals = [
    fullMatch.cases > 0 && `Calls due: ${percent(fullMatch)} of ${fullMatch.cases} with every call right.`,
    rightRefusals.cases > 0 && `No call due: ${percent(rightRefusals)} of ${rightRefusals.cases} without a call.`,
  ]
  return `${textTable(rows)}\n\n${totals.filter(Boolean).join('\n')}\n`
}

function percent({ right, cases }: Share): string {
  return `${((100 * right) / cases).toFixed(1)} %`
}
