import { corruptFile } from './loadErrors.js'
import { isJSONObject } from './jsonValues.js'
import type { JSONObject } from './types.js'

/** Objects and lists within each other; files of models have ten or fewer. */
const deepest = 64

/**
 * Parses a file of a model, which anyone may have written.
 * @throws LLMError `model-corrupt` naming the file.
 */
export function parseJSON(path: string, bytes: Uint8Array): unknown {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    const detail = cause instanceof Error ? ` (${cause.message})` : ''
    throw corruptFile(path, `is not valid JSON${detail}.`, cause)
  }
  // What reads it goes from level to level by calls, which would end the stack.
  if (isDeeper(value)) throw corruptFile(path, `nests values more than ${deepest} deep.`)
  return value
}

/** @throws LLMError `model-corrupt` naming the file. */
export function parseJSONObject(path: string, bytes: Uint8Array): JSONObject {
  const value = parseJSON(path, bytes)
  if (isJSONObject(value)) return value
  throw corruptFile(path, 'does not hold a JSON object.')
}

function isDeeper(root: unknown): boolean {
  let level: unknown[] = [root]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return true
    const next: unknown[] = []
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue
      for (const child of Object.values(value)) if (typeof child === 'object' && child !== null) next.push(child)
    }
    level = next
  }
  return false
}
