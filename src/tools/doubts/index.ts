// Doubts about a call that is valid: is each value said, is it wanted, was a number bent into range? Imports the tools' types alone.
export { findDoubts } from './findDoubts.js'
export type { Doubt, DoubtContext, DoubtKind } from './types.js'
