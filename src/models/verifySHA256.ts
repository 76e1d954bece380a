import { LLMError } from '../errors/index.js'
import { unshared } from './unshared.js'

/**
 * Compares a file with its pinned hash.
 * @throws LLMError `model-corrupt` when they differ; `invalid-config` where hashing is not allowed.
 */
export async function verifySHA256(path: string, bytes: Uint8Array, expected: unknown): Promise<void> {
  const { crypto } = globalThis as { crypto?: { subtle?: SubtleCrypto } }
  if (!crypto?.subtle) {
    throw new LLMError({
      code: 'invalid-config',
      message: `The hash of ${path} can only be checked on https or localhost. Serve the page so, or leave sha256 out.`,
      subject: 'sha256',
    })
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', unshared(bytes)))
  const actual = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
  if (typeof expected === 'string' && expected.toLowerCase() === actual) return
  throw new LLMError({
    code: 'model-corrupt',
    message: `${path} has the SHA-256 ${actual}, and ${String(expected)} was expected. It was changed or damaged: do not use it, or correct the pinned hash.`,
    subject: path,
  })
}
