import { LLMError, isLLMError } from '../../errors/index.js'

/** What went wrong in storage, as one of the kit's errors. */
export function storageError(error: unknown, path: string): LLMError {
  if (isLLMError(error)) return error
  if (isQuotaError(error)) {
    return new LLMError({
      code: 'quota-exceeded',
      message: `There is no room left to keep ${path}. Remove other models with clearStoredModels(), or free space on the device.`,
      recoverable: true,
      subject: path,
      cause: error,
    })
  }
  return new LLMError({
    code: 'storage',
    message: `${path} could not be kept: ${error instanceof Error ? error.message : String(error)}. The model will be downloaded again next time.`,
    recoverable: true,
    subject: path,
    cause: error,
  })
}

function isQuotaError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { name, code } = error as { name?: unknown; code?: unknown }
  return name === 'QuotaExceededError' || code === 'ENOSPC' || code === 'EDQUOT'
}
