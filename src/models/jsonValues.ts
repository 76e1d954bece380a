import type { JSONObject } from './types.js'

/** True for objects that are not arrays. */
export function isJSONObject(value: unknown): value is JSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object that a text holds as JSON; undefined for any other text, and for one that was cut. */
export function readJSONObject(text: string): JSONObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isJSONObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The value where it is a text. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** True for whole, non-negative, exactly representable numbers. */
export function isByteCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
