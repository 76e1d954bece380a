import { corruptFile } from './loadErrors.js'

const megabyte = 1024 * 1024

/** Bytes that a small file of a model may have: several times what the largest known models need. */
const mostBytes: Readonly<Record<string, number>> = {
  'config.json': 4 * megabyte,
  'generation_config.json': megabyte,
  'tokenizer.json': 128 * megabyte,
  'tokenizer_config.json': 32 * megabyte,
  'chat_template.jinja': megabyte,
  'manifest.json': 32 * megabyte,
}

/**
 * Refuses a small file that is absurdly large, as soon as that shows. Weights have no limit here: what is too much for
 * them is the device's to say.
 * @throws LLMError `model-corrupt`
 */
export function refuseHuge(path: string, size: number | undefined): void {
  const limit = Object.hasOwn(mostBytes, path) ? mostBytes[path]! : Infinity
  if (size === undefined || size <= limit) return
  throw corruptFile(path, `has ${(size / megabyte).toFixed(1)} MB or more, and such a file may have ${limit / megabyte}.`)
}
