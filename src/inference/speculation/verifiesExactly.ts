import type { Device, Dtype } from '../../models/types.js'

/** Precisions in which ONNX Runtime's native CPU kernels gave the same greedy tokens however tokens were run together. */
const exactOnCPU: ReadonlySet<Dtype | undefined> = new Set<Dtype | undefined>(['fp32', 'q4'])

/**
 * Whether a draft can be verified without changing what is written: where it does not matter to the bit what runs
 * together, or where that was measured not to matter to tokens. 8-bit kernels scale activations by the run, and GPUs
 * take other kernels for several tokens: there a token might come out differently, so that nothing is drafted.
 */
export function verifiesExactly(isBatchInvariant: boolean, device: Device, dtype: Dtype | undefined): boolean {
  return isBatchInvariant || (device === 'cpu' && exactOnCPU.has(dtype))
}
