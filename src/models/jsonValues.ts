import type { JSONObject } from './types.js'

/** True for objects that are not arrays. */
export function isJSONObject(value: unknown): value is JSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** True for whole, non-negative, exactly representable numbers. */
export function isByteCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
