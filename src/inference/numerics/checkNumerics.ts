import type { Device, Dtype } from '../../models/index.js'
import type { DecoderBackend } from '../generate/DecoderBackend.js'
import { divergence, divergenceFromReference } from './divergence.js'
import { findFault } from './findFault.js'
import { limitFor, type NumericsReference } from './parseReference.js'
import type { NumericsProblem, NumericsReport } from './types.js'

/** What of a backend the check uses. */
export type CheckedBackend = Pick<DecoderBackend, 'feed' | 'truncate' | 'length' | 'isBatchInvariant'>

/** What a check is made with. */
export interface NumericsCheck {
  backend: CheckedBackend
  device: Device
  dtype: Dtype | undefined
  /** Undefined: only what holds for every model is checked. */
  reference: NumericsReference | undefined
  /** Tokens that are fed where there is no reference; at least two. */
  tokens(): readonly number[]
  /** Milliseconds. Default: `performance.now`. */
  now?: () => number
}

/** CPUs take their time for every token; there the file can be wrong, and any token shows that. */
const mostTokensOnCPU = 4
const mostTokensOnGPU = 8
const mostRuns = 4

/**
 * How far a token fed alone may be from the same token fed with others, in nats. 8-bit products scale by what is fed
 * together, and differ by less than 1 over the models and prompts of the tests; wrong numbers by far more.
 */
const mostInconsistency = 2

/**
 * Feeds a few known tokens to a model that was just opened, and looks whether what it computes can be right. The cache is
 * empty before and after.
 * @throws LLMError what feeding can give.
 */
export async function checkNumerics(check: NumericsCheck): Promise<NumericsReport> {
  const { backend, now = () => performance.now() } = check
  const started = now()
  try {
    const report = await run(check)
    return { ...report, ms: now() - started }
  } finally {
    await backend.truncate(0)
  }
}

async function run({ backend, device, dtype, reference, tokens }: NumericsCheck): Promise<Omit<NumericsReport, 'ms'>> {
  const most = device === 'webgpu' ? mostTokensOnGPU : mostTokensOnCPU
  const known = reference && shortened(reference, device === 'webgpu' ? reference.ids.length : 2 * most)
  const ids = known?.ids ?? tokens().slice(0, most)
  const ends = known ? known.positions.map(({ position }) => position + 1) : [ids.length]
  const report: Omit<NumericsReport, 'ms'> = { method: known ? 'reference' : 'sanity', tokens: 0, largestLogit: 0 }
  const failed = (problem: NumericsProblem) => ({ ...report, problem })

  let last = new Float32Array(0)
  let sum = 0
  for (const [i, end] of ends.entries()) {
    const logits = await backend.feed(ids.slice(backend.length, end))
    report.tokens = end
    const { problem, largest } = findFault(logits)
    report.largestLogit = Math.max(report.largestLogit, largest)
    if (problem) return failed(problem)
    if (known) sum += divergenceFromReference(known.positions[i]!, logits)
    if (i === ends.length - 1) last = logits.slice()
  }
  if (known) {
    report.divergence = sum / ends.length
    report.limit = limitFor(known, dtype)
    if (!(report.divergence <= report.limit)) return failed('diverged')
  }

  await backend.truncate(ids.length - 1)
  if (backend.length < ids.length - 1) await backend.feed(ids.slice(0, -1))
  const alone = await backend.feed(ids.slice(-1))
  report.tokens++
  const { problem, largest } = findFault(alone)
  report.largestLogit = Math.max(report.largestLogit, largest)
  if (problem) return failed(problem)
  report.inconsistency = divergence(last, alone)
  return report.inconsistency <= (backend.isBatchInvariant ? 0 : mostInconsistency) ? report : failed('inconsistent')
}

/** The beginning of a reference, with at most so many tokens and runs; undefined where nothing is left. */
function shortened({ ids, positions, limits }: NumericsReference, mostTokens: number): NumericsReference | undefined {
  const kept = positions.filter(({ position }) => position > 0 && position < mostTokens).slice(0, mostRuns)
  const last = kept.at(-1)
  return last && { ids: ids.slice(0, last.position + 1), positions: kept, limits }
}
