import type { Dtype } from '../../models/index.js'
import { largestHalf, type DoctorReport, type Finding, type GraphPair, type LayoutProblem, type Place, type PrecisionReport } from './types.js'

/** Mean nats from fp32 over which a precision is another model. Random weights in 4 bits, which nothing was trained to bear, reach 1.4. */
const klLimits: Readonly<Record<Dtype, number>> = { fp32: 0.01, fp16: 0.1, q8: 1, q4: 2.5, q4f16: 2.5 }

/** What an examination found. */
export interface Facts {
  layout: readonly LayoutProblem[]
  precisions: readonly PrecisionReport[]
  graphs: readonly GraphPair[] | undefined
  /** Tensors that are the residual stream. */
  streams: ReadonlySet<string>
}

/** Everything that a person should know of. */
export function findingsOf({ layout, precisions, graphs = [], streams }: Facts): Finding[] {
  return [
    ...layout.map((problem): Finding => ({ ...about(null), code: 'layout', severity: 'error', message: `${problem.path}: ${problem.message}` })),
    ...precisions.flatMap((precision) => ofPrecision(precision, streams)),
    ...graphs.filter(({ same }) => !same).map(differing),
  ]
}

/** Whether the folder can be used, in plain words. */
export function verdictOf(precisions: readonly PrecisionReport[], findings: readonly Finding[]): DoctorReport['verdict'] {
  const errors = findings.filter(({ severity }) => severity === 'error')
  const [first] = errors
  if (first) {
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
    return { ok: false, summary: `Something is wrong: ${said(first)}${more}.`, fixes: [...new Set(errors.flatMap(({ fix }) => fix ?? []))] }
  }
  const ran = precisions.filter(({ status }) => status === 'ran').map(({ dtype }) => dtype)
  const fine = ran.length > 0 ? `Nothing is wrong with ${ran.join(', ')}.` : 'The layout is right.'
  const notes = findings.filter(({ severity }) => severity !== 'warning').map((note) => `${said(note)}.`)
  return { ok: true, summary: [fine, ...notes].join(' '), fixes: [] }
}

function said({ dtype, message }: Finding): string {
  return dtype === null ? message : `${dtype}: ${message}`
}

function ofPrecision(precision: PrecisionReport, streams: ReadonlySet<string>): Finding[] {
  const { dtype, file, status, reason, first, agreement } = precision
  if (file !== null && status === 'not-run') return [{ ...about(dtype), code: 'not-run', severity: 'warning', message: `was not run: ${reason ?? ''}` }]
  // What an overflow does to the logits needs no finding of its own.
  if (first && first.kind !== 'diverged') return [broken(precision, first, streams)]
  const isApart = agreement !== null && (agreement.meanKl === null || agreement.meanKl > klLimits[dtype])
  const found: Finding[] = []
  if (first) {
    found.push({
      ...about(dtype, first),
      code: 'diverged',
      severity: isApart ? 'error' : 'warning',
      message: `from ${where(first)} on, values are unlike fp32's (relative error ${(first.relativeError ?? 0).toFixed(2)})`,
      fix: 'make it with finer blocks (`edge-llm quantize --block 16`), or use another precision',
    })
  }
  if (isApart) {
    const nats = agreement.meanKl === null ? 'not a number' : `${agreement.meanKl.toFixed(2)} nats`
    found.push({
      ...about(dtype),
      code: 'disagrees',
      severity: 'error',
      message: `its predictions are not fp32's: ${nats} from them, the same most likely token at ${(100 * agreement.top1).toFixed(0)} % of positions`,
      fix: 'use another precision, or make this one again with `edge-llm quantize`',
    })
  }
  return found
}

function broken({ dtype, file }: PrecisionReport, place: Place, streams: ReadonlySet<string>): Finding {
  if (place.kind === 'not-finite') {
    return {
      ...about(dtype, place),
      code: 'not-finite',
      severity: 'error',
      message: `${where(place)} gives values that are not numbers`,
      fix: 'look for NaN or infinity in the weights, and export the model again',
    }
  }
  const subject = streams.has(place.tensor) ? 'the residual stream reaches' : 'values reach'
  const size = `${subject} ${place.magnitude === null ? 'too much' : thousands(place.magnitude)} at ${where(place)}`
  if (file === null) {
    const message = `a plain export in 16 bits would write garbage, as ${size}; \`edge-llm quantize\` keeps what is too large in 32 bits`
    return { ...about(dtype, place), code: 'would-overflow', severity: 'note', message }
  }
  return {
    ...about(dtype, place),
    code: 'overflow',
    severity: 'error',
    message: `${size}, and a 16-bit float ends at ${thousands(largestHalf)}; from there on the model computes with infinity and writes garbage`,
    fix: `make it again with \`edge-llm quantize --dtypes ${dtype}\`, which keeps what is too large in 32 bits, or use q4`,
  }
}

function differing({ dtype, differences }: GraphPair): Finding {
  const shown = differences.slice(0, 4).map(({ name, a, b }) => `${name} (${a ?? 'missing'} here, ${b ?? 'missing'} there)`)
  return { ...about(dtype), code: 'graph-differs', severity: 'warning', message: `the graphs have ${differences.length} differences: ${shown.join(', ')}` }
}

function about(dtype: string | null, place?: Place): Pick<Finding, 'dtype' | 'operator' | 'layer' | 'fix'> {
  return { dtype, operator: place?.operator ?? null, layer: place?.layer ?? null, fix: null }
}

function where({ operator, opType }: Place): string {
  return `${operator} (${opType})`
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
