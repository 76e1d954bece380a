import { LLMError } from '../errors/index.js'

/** An option that cannot be used. */
export function invalidOption(option: string, problem: string): LLMError {
  return new LLMError({ code: 'invalid-input', subject: option, message: `${option} ${problem}` })
}

const shown = 10

/** Lines of a file that cannot be used, all in one error; the first few are named. */
export function invalidLines(file: string, problems: readonly string[]): LLMError {
  const rest = problems.length - shown
  const more = rest > 0 ? `\n  and ${rest} more` : ''
  return new LLMError({
    code: 'invalid-input',
    subject: file,
    message: `${file} has ${problems.length === 1 ? 'a line' : `${problems.length} lines`} that cannot be used:\n  ${problems.slice(0, shown).join('\n  ')}${more}`,
  })
}

/** Reads as a sentence's object: `"x"`, `3`, `a list`. */
export function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return JSON.stringify(value) ?? 'missing'
}
