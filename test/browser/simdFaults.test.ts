import { describe, expect, it } from 'vitest'
import { ThreadHost } from '../../src/engine/ThreadHost.js'
import type { FaultReport, FaultRequest } from '../helpers/simd/faultsWorker.js'

const core = new URL('../../pipeline/src/edge_llm/simd/core.wasm', import.meta.url).href
const model = new URL('../fixtures/simd/llama/config.json', import.meta.url).href.replace(/config\.json.*$/, '')

function cause(fault: FaultRequest['fault']): Promise<FaultReport> {
  const worker = new Worker(new URL('../helpers/simd/faultsWorker.ts', import.meta.url), { type: 'module' })
  const threads = new ThreadHost(worker)
  return new Promise<FaultReport>((resolve, reject) => {
    worker.onerror = ({ message }) => reject(new Error(message))
    worker.onmessage = ({ data }: MessageEvent<FaultReport | { error: string }>) => ('error' in data ? reject(new Error(data.error)) : resolve(data))
    worker.postMessage({ fault, core, model } satisfies FaultRequest)
  }).finally(() => {
    worker.terminate()
    threads.end()
  })
}

describe('the SIMD core in a browser gives a typed error, and works anew, where', () => {
  it.each([
    ['a thread ends', { code: 'session-failed', subject: 'threads' }],
    ['memory does not grow', { code: 'out-of-memory', subject: 'memory' }],
    ['the file is cut off', { code: 'model-corrupt' }],
  ] as const)('%s', async (fault, expected) => {
    const { ms, before, after, ...told } = await cause(fault)
    expect(told).toMatchObject(expected)
    // No event reaches a worker that waits: a thread that is gone costs its patience of 5 s, and no more.
    expect(ms).toBeLessThan(15_000)
    expect(after).toBe(before)
  })
})
