import { textTable } from '../textTable.js'
import { largestHalf, type DoctorReport, type PrecisionReport } from './types.js'

/** A report for a terminal: ranges, precisions, graphs, then the verdict. */
export function doctorTable({ ranges, precisions, graphs = [], findings, verdict }: DoctorReport): string {
  const layers = ranges.layers.map(({ layer, operator, largest, stream }) => [
    layer === null ? 'outside' : String(layer),
    operator,
    figure(largest),
    stream === null ? '' : figure(stream),
    largest === null ? '' : `${Math.round((100 * largest) / largestHalf)} %${largest > largestHalf ? ' too large' : ''}`,
  ])
  const parts = [
    layers.length > 0 && textTable([[`layer (${ranges.dtype})`, 'largest at', 'largest', 'residual stream', 'of 65,504'], ...layers], 2),
    precisions.length > 0 && textTable([['precision', 'first wrong operator', 'mean KL', 'largest KL', 'same argmax'], ...precisions.map(precisionRow)], 2),
    ...graphs.map(({ dtype, differences }) => {
      const shown = differences.slice(0, 20).map(({ kind, name, a, b }) => `  ${kind} ${name}: ${a ?? 'missing'} here, ${b ?? 'missing'} there`)
      return [`graphs of ${dtype}: ${differences.length || 'no'} differences`, ...shown].join('\n')
    }),
    findings.map(({ severity, dtype, message }) => `${severity}: ${dtype === null ? '' : `${dtype}: `}${message}`).join('\n'),
    [verdict.summary, ...verdict.fixes.map((fix) => `- ${fix}`)].join('\n'),
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

function precisionRow({ dtype, file, status, first, agreement }: PrecisionReport): string[] {
  const nats = (value: number | null) => (value === null ? 'not a number' : value.toPrecision(2))
  return [
    file === null ? `${dtype}, if made plainly` : dtype,
    first ? `${first.operator} (${first.kind})` : status === 'ran' || file === null ? 'none' : 'not run',
    ...(agreement ? [nats(agreement.meanKl), nats(agreement.largestKl), `${(100 * agreement.top1).toFixed(2)} %`] : ['', '', '']),
  ]
}

function figure(value: number | null): string {
  return value === null ? 'none' : value.toLocaleString('en-US', { maximumFractionDigits: 1 })
}
