import { LLMError } from '../../errors/index.js'

/** @throws LLMError `session-failed` when there is a NaN among the logits. */
export function assertNumbers(logits: Float32Array): void {
  let sum = 0
  for (let i = 0; i < logits.length; i++) sum += logits[i]!
  if (Number.isNaN(sum)) {
    throw new LLMError({
      code: 'session-failed',
      subject: 'logits',
      message:
        'The model gave NaN where numbers belong, usually because this precision overflows on this device. ' +
        'Load the model with another `dtype` (fp32 is always safe).',
    })
  }
}
