import { afterEach, describe, expect, it, vi } from 'vitest'
import { collect, disposeEngines, request, setUpEngine, talk, textOf, tick } from '../../test/helpers/engine/testEngine.js'
import { scriptedRuntime, type TestWorker } from '../../test/helpers/engine/workerHost.js'
import type { GenerateEvent } from '../inference/types.js'
import type { Device } from '../models/types.js'
import type { LLMConfig } from './types.js'

afterEach(disposeEngines)

/** Long enough for a machine that is busy with other things. */
const hangTimeout = 400

/** What came of a generation, and how it ended. */
async function outcome(events: AsyncIterable<GenerateEvent>): Promise<{ text: string; error: unknown }> {
  const seen: GenerateEvent[] = []
  try {
    for await (const event of events) seen.push(event)
    return { text: textOf(seen), error: undefined }
  } catch (error) {
    return { text: textOf(seen), error }
  }
}

/** The first `faulty` workers run into `fault` after two words; what comes then has three. */
function faulty(fault: (worker: TestWorker) => void, { workers: broken = 1, device = 'wasm', config = {} }: { workers?: number; device?: Device; config?: Partial<LLMConfig> } = {}) {
  let started = 0
  return setUpEngine(
    (worker) => {
      const isBroken = ++started <= broken
      return () => {
        const generate = isBroken
          ? async (...[asked, emit, probe]: Parameters<ReturnType<typeof talk>>) => {
              emit({ tokenId: 0, events: [{ type: 'text-delta', text: 'one ' }] })
              emit({ tokenId: 1, events: [{ type: 'text-delta', text: 'two' }] })
              await tick(20)
              fault(worker)
              await new Promise(() => undefined)
              await talk([])(asked, emit, probe)
            }
          : talk(['a', 'b', 'c'])
        return Promise.resolve(scriptedRuntime(generate, worker.device))
      }
    },
    device,
    { hangTimeout, ...config },
  )
}

const lose = (worker: TestWorker) => worker.gpu.lose({ reason: 'unknown', message: 'driver reset' })

describe('a worker that hangs', () => {
  it.each([
    ['dies without a word', (worker: TestWorker) => worker.silence()],
    ['waits for ever', () => undefined],
  ])('%s: a typed error after what was said, and a new worker for the next request', async (_, fault) => {
    const { engine, workers } = faulty(fault)
    const { text, error } = await outcome(engine.generate(request))
    expect(error).toMatchObject({ code: 'worker-hung', recoverable: true, message: expect.stringContaining('0.4 s') as string })
    expect(text).toBe('one two')
    expect(engine.getState()).toMatchObject({ status: 'error', error: { code: 'worker-hung' } })
    expect(await outcome(engine.generate(request))).toEqual({ text: 'abc', error: undefined })
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, false])
  })

  it('while it loads ends the load', async () => {
    const { engine, workers } = setUpEngine((worker) => () => (worker.silence(), new Promise(() => undefined)), 'wasm', { hangTimeout })
    await expect(engine.load()).rejects.toMatchObject({ code: 'worker-hung' })
    expect(workers[0]!.terminated).toBe(true)
  })

  it('after a stop does not hold up the next request', async () => {
    const { engine, workers } = faulty((worker) => worker.silence())
    const events = await collect(engine.generate(request, { signal: AbortSignal.timeout(100) }))
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'abort' })
    expect((await outcome(engine.generate(request))).text).toBe('abc')
    expect(workers).toHaveLength(2)
  })

  it('is waited for where there is no watchdog', async () => {
    const { engine } = faulty((worker) => worker.silence(), { config: { hangTimeout: false } })
    const running = outcome(engine.generate(request))
    expect(await Promise.race([running, tick(2 * hangTimeout)])).toBeUndefined()
    await engine.unload()
    expect((await running).error).toBeUndefined()
  })

  it('is none that works slowly: steps without a token are signs', async () => {
    const { engine } = setUpEngine(() => () =>
      Promise.resolve(
        scriptedRuntime(async (asked, emit, probe) => {
          // A beat a second: the limit is longer than that, and what it takes is longer than the limit.
          for (let i = 0; i < 15; i++) {
            await tick(200)
            await probe.check()
          }
          await talk(['slow'])(asked, emit, probe)
        }),
      ), 'wasm', { hangTimeout: 2000 })
    expect(await outcome(engine.generate(request))).toEqual({ text: 'slow', error: undefined })
  })
})

describe('a GPU that is lost', () => {
  it('while it generates: a typed error after what was said, and a new worker on the GPU', async () => {
    const { engine, workers } = faulty(lose, { device: 'webgpu' })
    const { text, error } = await outcome(engine.generate(request))
    expect(error).toMatchObject({ code: 'device-lost', recoverable: true, message: expect.stringContaining('driver reset') as string })
    expect(text).toBe('one two')
    expect((await outcome(engine.generate(request))).text).toBe('abc')
    expect(workers.map(({ device, terminated }) => [device, terminated])).toEqual([['webgpu', true], ['webgpu', false]])
    expect(engine.getState()).toMatchObject({ status: 'ready', model: { device: 'webgpu' } })
  })

  it('while nothing runs: the state says so, and the next request does not fail', async () => {
    const { engine, workers } = faulty(lose, { device: 'webgpu', workers: 0 })
    await engine.load()
    lose(workers[0]!)
    await vi.waitFor(() => expect(engine.getState()).toMatchObject({ status: 'error', error: { code: 'device-lost' } }))
    expect(workers[0]!.terminated).toBe(true)
    expect(await outcome(engine.generate(request))).toEqual({ text: 'abc', error: undefined })
  })

  it('while the model loads: WASM at once', async () => {
    const { engine, workers } = setUpEngine(
      (worker) => () => {
        if (worker.device === 'wasm') return Promise.resolve(scriptedRuntime(talk(['cpu']), 'wasm'))
        lose(worker)
        return new Promise(() => undefined)
      },
      'webgpu',
    )
    expect((await engine.load()).deviceReason).toMatch(/WASM was taken: The GPU was lost/)
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, false])
  })

  it('explains a failure that comes first', async () => {
    const { engine } = setUpEngine(
      (worker) => () =>
        Promise.resolve(
          scriptedRuntime(() => {
            setTimeout(() => lose(worker), 20)
            throw new Error('mapAsync: the buffer is gone')
          }, worker.device),
        ),
      'webgpu',
    )
    expect((await outcome(engine.generate(request))).error).toMatchObject({ code: 'device-lost' })
  })

  it('twice: WASM, with a warning, until the model is unloaded', async () => {
    const { engine, workers } = faulty(lose, { device: 'webgpu', workers: 2 })
    await outcome(engine.generate(request))
    await outcome(engine.generate(request))
    expect(await outcome(engine.generate(request))).toEqual({ text: 'abc', error: undefined })
    expect(workers.map(({ device }) => device)).toEqual(['webgpu', 'webgpu', 'wasm'])
    expect(engine.getState()).toMatchObject({
      status: 'ready',
      model: { device: 'wasm', deviceReason: expect.stringMatching(/WASM was taken.*driver reset/) as string, warnings: [{ code: 'device-lost', subject: 'webgpu' }] },
    })
    await engine.unload()
    await engine.load()
    expect(workers.at(-1)!.device).toBe('webgpu')
  })

  it('twice where the GPU was asked for by name: the GPU again', async () => {
    const { engine, workers } = faulty(lose, { device: 'webgpu', workers: 2, config: { device: 'webgpu' } })
    for (let i = 0; i < 3; i++) await outcome(engine.generate(request))
    expect(workers.map(({ device }) => device)).toEqual(['webgpu', 'webgpu', 'webgpu'])
  })
})
