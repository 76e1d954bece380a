import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { compileCore, openFixture, readFixture, type Family } from '../../../test/helpers/simd/openFixture.js'
import type { CoreModule } from '../CoreModule.js'
import type { SimdDecoder } from '../SimdDecoder.js'
import { ThreadPool, type SpawnThread } from './ThreadPool.js'

const source = `
import { parentPort, workerData } from 'node:worker_threads'
import { runThread } from './src/simd/threads/runThread.ts'
void runThread(workerData, () => parentPort.postMessage('ready'))
`
let code = ''
let core: CoreModule
const workers: Worker[] = []

beforeAll(async () => {
  const stdin = { contents: source, resolveDir: process.cwd(), loader: 'ts' as const }
  const { outputFiles } = await build({ stdin, bundle: true, write: false, format: 'cjs', platform: 'node' })
  code = outputFiles[0]!.text
  core = await compileCore(true)
}, 120_000)

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()))
})

const spawn: SpawnThread = (init) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(code, { eval: true, workerData: init })
    workers.push(worker)
    worker.once('error', reject)
    worker.once('message', () => resolve({ terminate: () => void worker.terminate() }))
  })

async function open(family: Family, threads: number): Promise<SimdDecoder> {
  const decoder = await openFixture(readFixture(family), { core, shared: true, maximumBytes: 2 ** 26, maxThreads: threads })
  if (threads > 1) decoder.useSteps(await ThreadPool.start(core, decoder.memory, threads, spawn))
  return decoder
}

/** Logits of runs of one, few and many tokens, one after the other in one sequence. */
function run(decoder: SimdDecoder): Float32Array[] {
  const sequence = decoder.sequence()
  let next = 0
  return [64, 1, 2, 1, 7, 1, 33].map((count) => {
    const tokens = Array.from({ length: count }, () => (next++ * 37) % 256)
    return decoder.feed(sequence, tokens, { logits: Math.min(count, 5) }).slice()
  })
}

describe('a pool', () => {
  it.each(['gemma3', 'llama', 'qwen3'] as const)('gives the bits of one thread with 2, 3 and 4 threads: %s', async (family) => {
    const alone = run(await open(family, 1))
    for (const threads of [2, 3, 4]) {
      const decoder = await open(family, threads)
      expect(decoder.threads).toBe(threads)
      expect(run(decoder)).toEqual(alone)
      decoder.dispose()
    }
  })

  it('gets more and fewer threads while it lives, each started once, with the same bits', async () => {
    const decoder = await openFixture(readFixture('llama'), { core, shared: true, maximumBytes: 2 ** 26, maxThreads: 4 })
    const alone = run(decoder)
    const indices: number[] = []
    const pool = await ThreadPool.start(core, decoder.memory, 2, (init) => {
      indices.push(init.index)
      return spawn(init)
    })
    decoder.useSteps(pool)
    for (const threads of [2, 4, 3, 1, 2]) {
      await pool.resize(threads)
      expect(decoder.threads).toBe(threads)
      expect(run(decoder)).toEqual(alone)
    }
    // Down to three and one ended those above, and two needed one again.
    expect(indices).toEqual([1, 2, 3, 1])
    decoder.dispose()
  })

  it('stays as it is where more cannot be started, and does not try again', async () => {
    const decoder = await openFixture(readFixture('llama'), { core, shared: true, maximumBytes: 2 ** 26, maxThreads: 4 })
    const alone = run(decoder)
    const asked: number[] = []
    const pool = await ThreadPool.start(core, decoder.memory, 2, (init) => {
      asked.push(init.index)
      // It starts, and is told to end, which it does not.
      return init.index < 3 ? spawn(init).then((thread) => ({ ...thread, terminate: () => undefined })) : Promise.reject(new Error('no more memory'))
    })
    decoder.useSteps(pool)
    for (let again = 0; again < 2; again++) {
      await expect(pool.resize(4)).rejects.toThrow('no more memory')
      expect(decoder.threads).toBe(2)
      expect(run(decoder)).toEqual(alone)
    }
    expect(asked).toEqual([1, 2, 3])
    decoder.dispose()
  })

  it('may not have more threads than the scratch was made for', async () => {
    const decoder = await openFixture(readFixture('llama'), { core, shared: true, maximumBytes: 2 ** 26, maxThreads: 2 })
    const pool = await ThreadPool.start(core, decoder.memory, 3, spawn)
    expect(() => decoder.useSteps(pool)).toThrow(RangeError)
    pool.dispose()
  })
})
