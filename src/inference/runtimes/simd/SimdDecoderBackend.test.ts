import { beforeAll, describe, expect, it, vi } from 'vitest'
import { compileCore, openFixture, readFixture } from '../../../../test/helpers/simd/openFixture.js'
import type { CoreModule } from '../../../simd/index.js'
import type { AbortProbe } from '../../generate/AbortProbe.js'
import { SimdDecoderBackend } from './SimdDecoderBackend.js'

let core: CoreModule
beforeAll(async () => {
  core = await compileCore()
}, 120_000)

const fixture = readFixture('gemma3')
const text = Array.from({ length: 120 }, (_, i) => (i * i + 3) % 256)

async function open(): Promise<SimdDecoderBackend> {
  return new SimdDecoderBackend(await openFixture(fixture, { core }))
}

describe('SimdDecoderBackend', () => {
  it('gives the same logits after any cut as it would without a cache', async () => {
    const backend = await open()
    const fresh = await open()
    await backend.feed(text)
    for (const length of [119, 90, 64, 33, 32, 31, 1, 0]) {
      await backend.truncate(length)
      expect(backend.length).toBe(length)
      const logits = (await backend.feed(text.slice(length, 121))).slice()
      await fresh.truncate(0)
      expect(logits).toEqual(await fresh.feed(text))
      expect(logits.length).toBe(backend.vocabSize)
    }
    expect(backend.memoryBytes).toBeGreaterThan(fixture.graph.bytes.length)
  })

  it('stops where it is told to, and is as it was before', async () => {
    const backend = await open()
    await backend.feed(text.slice(0, 40))
    let checks = 0
    const probe: AbortProbe = { check: () => Promise.resolve(++checks === 3) }
    // A clock on which every layer takes long enough to be asked after.
    let now = 0
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 20))
    const outcome = await backend.feed(Array.from({ length: 200 }, (_, i) => i), probe)
    clock.mockRestore()
    expect(checks).toBe(3)
    expect(outcome).toBeUndefined()
    expect(backend.length).toBe(40)
    const fresh = await open()
    expect(await backend.feed(text.slice(40))).toEqual(await fresh.feed(text))
  })

  it('goes on where it is not told to stop', async () => {
    const [backend, fresh] = [await open(), await open()]
    const logits = await backend.feed(text, { check: () => false })
    expect(logits).toEqual(await fresh.feed(text))
  })

  it('gives typed errors', async () => {
    const backend = await open()
    await expect(backend.feed([9999])).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(backend.feed(new Array<number>(300).fill(1))).rejects.toMatchObject({ code: 'context-overflow' })
    await backend.dispose()
    await expect(backend.feed([1])).rejects.toMatchObject({ code: 'session-failed', recoverable: true })
  })
})
