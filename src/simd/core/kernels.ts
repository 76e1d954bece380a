/** What the decoder calls of the products. */
export { halvesToFloats } from './half'
export { matmul, matmulScratchBytes } from './matmul'
export { quantizedRowBytes, quantizedRows, quantizeRows } from './quantizeRows'
