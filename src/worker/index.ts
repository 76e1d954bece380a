// The worker entries and what crosses their boundary. They import inference; the engine imports only these types.
export type { EngineWorker, Outcome } from './protocol.js'
