import { LLMError } from '../errors/index.js'

const scheme = /^[a-z][a-z0-9+.-]*:/i
const forbidden = /[\u0000-\u001f\u007f\\]/
const longestPath = 512

/** Whether a relative path stays inside its folder on every server, file system and storage. */
export function isSafePath(path: unknown): path is string {
  if (typeof path !== 'string' || path === '' || path.length > longestPath) return false
  if (scheme.test(path) || forbidden.test(path)) return false
  // A leading dot also names the kit's own records in storage.
  return path.split('/').every((segment) => segment !== '' && !segment.startsWith('.'))
}

/**
 * `path` itself when it is safe; file names in manifests, listings and graphs are not to be trusted.
 * @param namedBy Where the name was read, for the message.
 * @throws LLMError `model-corrupt`
 */
export function checkPath(path: unknown, namedBy: string): string {
  if (isSafePath(path)) return path
  throw new LLMError({
    code: 'model-corrupt',
    message:
      `${namedBy} names the file ${JSON.stringify(path)}, which is not a plain path inside the model's folder. ` +
      'Use relative paths without "..", such as "onnx/model.onnx".',
    subject: typeof path === 'string' ? path : namedBy,
  })
}

/** The path with every segment percent-encoded for a URL. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

/** `location` as seen from the folder that holds `file`: `onnx/model.onnx` + `w.bin` → `onnx/w.bin`. */
export function besideFile(file: string, location: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1) + location
}
