import { sharedResultBytes } from './attention'
import { pageBytes as bytesOfPage } from './pages'
import { ModelPlan } from './plan'

export { halvesToFloats } from './half'
export { argmax, logSumExp, maskLogits, topK } from './pick'
export { begin, layer, logits, prepare } from './decoder'
export { placeScratch, scratchBytes } from './scratch'
export { NUMERICS_VERSION } from './version'

/** Bytes of a KV page. */
export function pageBytes(plan: ModelPlan): usize {
  return bytesOfPage(plan.layerCount, plan.keyValueHeads, plan.headDim)
}

/** Bytes that several threads need together for attention over `context` tokens, a multiple of 16. One thread needs none. */
export function attentionBytes(plan: ModelPlan, context: i32): usize {
  return sharedResultBytes(plan, context)
}
