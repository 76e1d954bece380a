import type { CoreModule, SimdDecoder } from '../../../src/simd/index.js'
import { CoreMemory } from '../../../src/simd/index.js'

/** Tokens for a model, and the SHA-256 of the logits after the prompt and after each token of the answer. */
export interface Vector {
  /** Folder, from the repository's root. */
  model: string
  dtype: 'q4'
  graphSha256: string
  prompt: number[]
  /** The likeliest tokens, one after the other. */
  answer: number[]
  /** Hexadecimal, of the logits as float32, little-endian. */
  logits: string[]
}

/** `test/fixtures/simd/vectors.json`. */
export interface Vectors {
  numericsVersion: number
  vectors: Vector[]
}

/** The steps whose logits, or whose likeliest token, are not those of the vector; step 0 is the prompt. */
export async function differingSteps(decoder: SimdDecoder, { prompt, answer, logits }: Vector): Promise<number[]> {
  const sequence = decoder.sequence()
  const differing: number[] = []
  for (const [step, expected] of logits.entries()) {
    const made = decoder.feed(sequence, step === 0 ? prompt : [answer[step - 1]!]).slice()
    const next = answer[step]
    const isLikeliest = next === undefined || made.indexOf(made.reduce((a, b) => Math.max(a, b))) === next
    if (!isLikeliest || (await sha256(made)) !== expected) differing.push(step)
  }
  sequence.dispose()
  return differing
}

/** The module's version of the arithmetic. */
export async function numericsVersion(core: CoreModule, shared: boolean): Promise<number> {
  const { NUMERICS_VERSION } = await core.instantiate(new CoreMemory({ shared, maximumBytes: 2 ** 20 }), () => undefined)
  return NUMERICS_VERSION.value as number
}

/** Hexadecimal SHA-256 of bytes as they lie in memory. */
export async function sha256(data: Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data))
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
