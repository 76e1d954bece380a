import type { BrowserCommand } from 'vitest/node'
import { createEngine } from 'react-edge-llm/engine'
import { callsFor, type DemoRequest } from './demoRequests.js'
import { modelFolder } from './embeddedModel.js'

declare module 'vitest/browser' {
  interface BrowserCommands {
    /** What the embedded model calls in Node, at a precision, for each request. */
    nodeCalls(dtype: 'q4' | 'q8', requests: DemoRequest[]): Promise<string[]>
  }
}

/** Browser tests compare their engine with Node's. */
export const nodeCalls: BrowserCommand<[dtype: 'q4' | 'q8', requests: DemoRequest[]]> = async (_context, dtype, requests) => {
  const engine = createEngine({ models: { onnx: modelFolder('function-caller') }, dtype })
  try {
    return await callsFor(engine, requests)
  } finally {
    engine.dispose()
  }
}
