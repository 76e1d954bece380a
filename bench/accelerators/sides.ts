import type { DecoderOptions } from '../../src/inference/generate/Decoder.js'

const off = { reusePrefix: false, jumpForward: false, speculation: false }

/** Every accelerator alone, all, and none, which all others are compared with. */
export const sides: Readonly<Record<string, DecoderOptions>> = {
  'none': off,
  'prefix reuse': { ...off, reusePrefix: true },
  'jump-forward': { ...off, jumpForward: true },
  'speculation': { ...off, speculation: true },
  'all': { reusePrefix: true, jumpForward: true, speculation: true },
}
