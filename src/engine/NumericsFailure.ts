import { LLMError } from '../errors/index.js'
import type { LoadedModel, NumericsReport } from '../inference/types.js'
import type { NumericsFallback } from './types.js'

/** A model that was loaded and computes wrongly. */
export class NumericsFailure extends LLMError {
  /** The same as a warning, for when something else works. */
  readonly fallback: NumericsFallback

  constructor({ id, device, backend, dtype }: LoadedModel, numerics: NumericsReport) {
    const what = `${id}${dtype ? ` in ${dtype}` : ''} computes wrongly on ${device} (${backend}): ${describe(numerics)}`
    super({
      code: 'numerics-failed',
      subject: id,
      message: `${what}. Leave \`device\` and \`dtype\` out, so that another can be taken, or look for the cause with: npx react-edge-llm doctor MODEL_DIR`,
    })
    this.fallback = { code: 'numerics-fallback', message: `${what}. So it was loaded otherwise.`, subject: id, device, backend, dtype, numerics }
  }
}

function describe({ problem, tokens, largestLogit, inconsistency, divergence, limit }: NumericsReport): string {
  switch (problem) {
    case 'not-finite':
      return `some of its logits are no numbers after ${tokens} tokens, so something overflowed`
    case 'constant':
      return 'all tokens are equally likely'
    case 'too-large':
      return `a logit is as large as ${largestLogit.toPrecision(2)}`
    case 'inconsistent':
      return `a token that is fed alone gives other logits than fed with those before it (KL ${figure(inconsistency)})`
    default:
      return `its logits are too far from those in numerics.json (KL ${figure(divergence)}, at most ${figure(limit)})`
  }
}

function figure(value: number | undefined): string {
  return value === undefined ? 'unknown' : value.toPrecision(2)
}
