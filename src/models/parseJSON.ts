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
  // What reads it goes from level to level by calls, which would end the stack.
  if (isDeep(bytes)) throw corruptFile(path, `nests values more than ${deepest} deep.`)
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    const detail = cause instanceof Error ? ` (${cause.message})` : ''
    throw corruptFile(path, `is not valid JSON${detail}.`, cause)
  }
}

/** @throws LLMError `model-corrupt` naming the file. */
export function parseJSONObject(path: string, bytes: Uint8Array): JSONObject {
  const value = parseJSON(path, bytes)
  if (isJSONObject(value)) return value
  throw corruptFile(path, 'does not hold a JSON object.')
}

// Over the bytes, since tokenizers have a million values: `"` begins and ends texts, `\\` hides the next byte there.
function isDeep(bytes: Uint8Array): boolean {
  let depth = 0
  let isText = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === 0x22) isText = !isText
    else if (isText) {
      if (byte === 0x5c) i++
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > deepest) return true
    } else if (byte === 0x5d || byte === 0x7d) depth--
  }
  return false
}
