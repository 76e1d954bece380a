// The kit's one error type and its codes. Imports nothing; everything may import it.
export { LLMError, isLLMError, toLLMError } from './LLMError.js'
export type { LLMErrorInit } from './LLMError.js'
export type { LLMErrorCode } from './codes.js'
