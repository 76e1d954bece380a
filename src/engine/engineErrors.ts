import { LLMError } from '../errors/index.js'

/** What every caller of a load gets when it was given up. */
export function loadAborted(): LLMError {
  return new LLMError({
    code: 'load-aborted',
    recoverable: true,
    message: 'Loading was stopped. Files that were already stored stay; call `load()` to go on.',
  })
}

/** What a disposed engine answers. */
export function disposed(): LLMError {
  return new LLMError({
    code: 'disposed',
    message: 'This engine was disposed, e.g. because its provider unmounted. Create a new one.',
  })
}
