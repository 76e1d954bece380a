import { readFileSync } from 'node:fs'
import { LLMError } from '../../errors/index.js'
import { invalidLines } from '../inputErrors.js'
import { parseCase } from './parseCase.js'
import type { EvalCase } from './types.js'

/** @throws LLMError `invalid-input` */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new LLMError({ code: 'invalid-input', subject: file, message: `${file} cannot be read: ${(cause as Error).message}`, cause })
  }
}

/**
 * Every case of a file with one JSON object a line; empty lines are passed over.
 * @throws LLMError `invalid-input` that names each bad line by its number.
 */
export function readCases(file: string): EvalCase[] {
  const cases: EvalCase[] = []
  const problems: string[] = []
  const lineOf = new Map<string | number, number>()
  for (const [index, line] of readText(file).split('\n').entries()) {
    if (line.trim() === '') continue
    const number = index + 1
    try {
      const parsed = parseCase(line)
      const earlier = lineOf.get(parsed.id)
      if (earlier !== undefined) problems.push(`line ${number}: the id ${JSON.stringify(parsed.id)} is that of line ${earlier}`)
      lineOf.set(parsed.id, number)
      cases.push(parsed)
    } catch (error) {
      problems.push(`line ${number}: ${(error as Error).message}`)
    }
  }
  if (problems.length > 0) throw invalidLines(file, problems)
  if (cases.length === 0) throw new LLMError({ code: 'invalid-input', subject: file, message: `${file} has no cases.` })
  return cases
}
