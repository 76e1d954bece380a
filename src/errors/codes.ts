/**
 * Every error code the kit can report. Each has a section in `docs/errors.md` that says
 * what happened and what to do.
 */
export type LLMErrorCode =
  // configuration
  | 'invalid-config'
  | 'unknown-runtime'
  | 'no-model'
  // finding and fetching a model
  | 'model-not-found'
  | 'model-file-missing'
  | 'model-html-response'
  | 'model-gated'
  | 'model-lfs-pointer'
  | 'model-corrupt'
  | 'model-too-large'
  | 'external-data-missing'
  | 'config-missing'
  | 'tokenizer-missing'
  | 'chat-template-missing'
  | 'chat-template-failed'
  | 'dtype-for-local-model'
  | 'dtype-unavailable'
  | 'unsupported-architecture'
  | 'network'
  | 'cors-blocked'
  | 'mixed-content'
  | 'storage'
  | 'quota-exceeded'
  // running a model
  | 'webgpu-unavailable'
  | 'session-failed'
  | 'numerics-failed'
  | 'out-of-memory'
  | 'context-overflow'
  | 'invalid-request'
  | 'worker-crashed'
  | 'worker-hung'
  | 'device-lost'
  | 'load-aborted'
  | 'disposed'
  // tools
  | 'invalid-tool'
  | 'duplicate-tool'
  | 'unknown-tool'
  | 'invalid-tool-input'
  | 'invalid-tool-output'
  | 'tool-failed'
  | 'tool-timeout'
  | 'invalid-history'
  | 'constrained-unavailable'
  // command line
  | 'invalid-input'
