// Whether a model computes rightly here: a check of its numbers when it is loaded.
export { checkNumerics, type NumericsCheck } from './checkNumerics.js'
export { parseReference } from './parseReference.js'
export { probeTokens } from './probeTokens.js'
export type { NumericsProblem, NumericsReport } from './types.js'
