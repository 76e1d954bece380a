import { corruptFile } from './loadErrors.js'
import { isJSONObject } from './jsonValues.js'
import type { JSONObject } from './types.js'

/** @throws LLMError `model-corrupt` naming the file. */
export function parseJSON(path: string, bytes: Uint8Array): unknown {
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
