import { LLMError } from '../errors/index.js'
import type { ConversationOptions } from './types.js'

/** Most generations of a turn unless the app says otherwise. */
export const DEFAULT_STEPS = 5

/**
 * Checks the options that a turn counts by.
 * @throws LLMError `invalid-config`; `subject` is the option.
 */
export function assertOptions({ maxSteps, maxToolResultChars, confirmBelow, onDoubt }: ConversationOptions): void {
  if (!isCount(maxSteps)) throw invalid('maxSteps', maxSteps, 'a whole number of at least 1')
  if (!isCount(maxToolResultChars)) throw invalid('maxToolResultChars', maxToolResultChars, 'a whole number of at least 1')
  if (confirmBelow !== undefined && !(confirmBelow >= 0 && confirmBelow <= 1)) {
    throw invalid('confirmBelow', confirmBelow, 'a number from 0 to 1')
  }
  if (onDoubt !== undefined && !['execute', 'confirm', 'refuse'].includes(onDoubt)) {
    throw invalid('onDoubt', onDoubt, '"execute", "confirm" or "refuse"')
  }
}

function isCount(value: number | undefined): boolean {
  return value === undefined || (Number.isInteger(value) && value > 0)
}

function invalid(option: string, value: unknown, rule: string): LLMError {
  return new LLMError({
    code: 'invalid-config',
    message: `${option} is ${String(value)}. Set it to ${rule}.`,
    subject: option,
  })
}
