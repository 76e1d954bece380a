import type { LLMErrorCode } from './codes.js'

const marker = Symbol.for('react-edge-llm.error')

/** What {@link LLMError} is made from, and what crosses the worker boundary in its place. */
export interface LLMErrorInit {
  /** Which documented failure this is. */
  code: LLMErrorCode
  /** What happened and what to do about it, in plain language. */
  message: string
  /**
   * Whether trying again can help without a change of code or configuration
   * (a cut network: yes; an unknown runtime: no). Default `false`.
   */
  recoverable?: boolean
  /** The config field, file, tool or URL the failure is about, where there is one. */
  subject?: string
  /** The underlying error, if any. */
  cause?: unknown
}

/**
 * The one error type of the kit. `code` is stable and documented in `docs/errors.md`;
 * `message` says what to do. A stop by the user is never an error.
 */
export class LLMError extends Error {
  readonly code: LLMErrorCode
  readonly recoverable: boolean
  readonly subject: string | undefined

  constructor(init: LLMErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause })
    this.name = 'LLMError'
    this.code = init.code
    this.recoverable = init.recoverable ?? false
    this.subject = init.subject
    Object.defineProperty(this, marker, { value: true })
  }
}

/** True for any {@link LLMError}, also one made by another copy of this package. */
export function isLLMError(value: unknown): value is LLMError {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[marker] === true
}

/** `value` itself where it is an {@link LLMError}, else one with `fallback`'s code around it. */
export function toLLMError(value: unknown, fallback: LLMErrorInit): LLMError {
  return isLLMError(value) ? value : new LLMError({ ...fallback, cause: value })
}
