/** Inputs that a graph has after `resideOnGPU`, in place of `attention_mask` and the count of logits. */
export const gpuInputs = {
  /** int32 `[1]`: index of the last token. */
  last: 'last_position',
  /** int32 `[1]`: tokens in the cache after the run. */
  total: 'total_length',
  /** int64 `[n]`: for which of the run's tokens logits are wanted. */
  wanted: 'wanted_positions',
} as const
