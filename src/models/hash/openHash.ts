import { LLMError } from '../../errors/index.js'
import { SHA256 } from './SHA256.js'

/**
 * A hash for a file's bytes.
 * @throws LLMError `invalid-config` where the page may not run WebAssembly.
 */
export function openHash(path: string): SHA256 {
  try {
    return new SHA256()
  } catch (cause) {
    throw new LLMError({
      code: 'invalid-config',
      message: `The hash of ${path} cannot be checked, because this page may not run WebAssembly. Allow 'wasm-unsafe-eval' in its Content-Security-Policy: models need it as well.`,
      subject: 'sha256',
      cause,
    })
  }
}
