import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { CONTROL_BYTES, ThreadControl } from './ThreadControl.js'

const control = 64
const counters = control + CONTROL_BYTES

/** What the other threads run: `count` adds to its own counter and meets, until it ends, throws or hangs. */
const source = `
import { workerData } from 'node:worker_threads'
import { ThreadControl } from './src/simd/threads/ThreadControl.ts'
const { memory, index, threads, act } = workerData
const control = new ThreadControl(memory, ${control}, threads)
const own = new Int32Array(memory.buffer, ${counters}, threads)
for (;;) {
  const { step, first } = control.take()
  if (step === 'end') break
  for (let i = 0; i < first; i++) {
    own[index]++
    control.meet()
    // After a meeting, everyone has counted as far as this thread.
    if (own.some((count) => count < own[index])) { control.fail(); throw new Error('out of step') }
    if (act === 'fail' && own[index] === 50) { control.fail(); process.exit() }
    if (act === 'vanish' && own[index] === 50) process.exit()
    control.meet()
  }
}
`
let code = ''
const workers: Worker[] = []

beforeAll(async () => {
  const stdin = { contents: source, resolveDir: process.cwd(), loader: 'ts' as const }
  const { outputFiles } = await build({ stdin, bundle: true, write: false, format: 'cjs', platform: 'node' })
  code = outputFiles[0]!.text
})

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()))
})

function start(threads: number, { act = '', patienceMs = 20_000, isLost }: { act?: string; patienceMs?: number; isLost?: () => boolean } = {}) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
  for (let index = 1; index < threads; index++) {
    const worker = new Worker(code, { eval: true, workerData: { memory, index, threads, act: index === 1 ? act : '' } })
    // Threads that lose the others say so.
    worker.on('error', () => undefined)
    workers.push(worker)
  }
  const own = new Int32Array(memory.buffer, counters, threads)
  const pool = new ThreadControl(memory, control, threads, { patienceMs, ...(isLost && { isLost }) })
  const count = (times: number) => {
    pool.give({ step: 'layer', run: 0, first: times, second: 0 })
    for (let i = 0; i < times; i++) {
      own[0]!++
      pool.meet()
      pool.meet()
    }
  }
  return { pool, own, count }
}

it.each([2, 4])('keeps %i threads in step, job after job', (threads) => {
  const { pool, own, count } = start(threads)
  for (let job = 0; job < 20; job++) count(50)
  pool.give({ step: 'end', run: 0, first: 0, second: 0 })
  expect([...own]).toEqual(new Array(threads).fill(1000))
})

it('tells at once when a thread fails', () => {
  const { count } = start(3, { act: 'fail' })
  expect(() => count(100)).toThrow(expect.objectContaining({ code: 'session-failed', subject: 'threads' }))
})

it('does not wait for ever for a thread that is gone', () => {
  const { count } = start(3, { act: 'vanish', patienceMs: 300 })
  expect(() => count(100)).toThrow(expect.objectContaining({ code: 'session-failed', recoverable: true }))
})

it('asks while it waits whether a thread is gone, and gives up at once', () => {
  let asked = 0
  const { count } = start(3, { act: 'vanish', isLost: () => ++asked > 2 })
  const started = performance.now()
  expect(() => count(100)).toThrow(expect.objectContaining({ code: 'session-failed', subject: 'threads' }))
  expect(asked).toBe(3)
  // The other thread has the patience of a default, 5 s.
  expect(performance.now() - started).toBeLessThan(4_500)
})

it('waits longer than its patience where its own share of the job took long', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
  const pool = new ThreadControl(memory, control, 2, { patienceMs: 0 })
  pool.give({ step: 'layer', run: 0, first: 0, second: 0 })
  const share = 60
  Atomics.wait(new Int32Array(memory.buffer), 0, 0, share)
  const started = performance.now()
  expect(() => pool.meet()).toThrow(expect.objectContaining({ code: 'session-failed' }))
  expect(performance.now() - started).toBeGreaterThanOrEqual(3 * share)
})
