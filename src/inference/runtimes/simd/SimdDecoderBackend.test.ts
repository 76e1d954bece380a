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

  it('keeps snapshots that go on as if nothing had come between', async () => {
    const [backend, fresh] = [await open(), await open()]
    await backend.feed(text)
    const whole = backend.snapshots.take(120)
    const start = backend.snapshots.take(50)
    expect([whole.length, start.length]).toEqual([120, 50])
    const pages = new Set([...whole.pieces(), ...start.pieces()].map(([page]) => page))
    expect(pages.size).toBe([...whole.pieces()].length)
    await backend.truncate(70)
    await backend.feed([9, 8, 7])
    for (const [snapshot, length] of [[start, 50], [whole, 120], [whole, 90], [start, 33]] as const) {
      await backend.snapshots.restore(snapshot, length)
      expect(backend.length).toBe(length)
      const logits = (await backend.feed([4, 5])).slice()
      await fresh.truncate(0)
      expect(logits).toEqual(await fresh.feed([...text.slice(0, length), 4, 5]))
    }
    whole.release()
    await backend.snapshots.restore(start, 50)
    await fresh.truncate(0)
    expect(await backend.feed([6])).toEqual(await fresh.feed([...text.slice(0, 50), 6]))
  })

  it('writes snapshots as bytes that another one of the same model reads', async () => {
    const [backend, other] = [await open(), await open()]
    await backend.feed(text)
    const { snapshots } = backend
    for (const length of [1, 50, 64, 120]) {
      const image = Uint8Array.from(Buffer.concat(snapshots.toImage(snapshots.take(120), length)))
      const read = other.snapshots.fromImage(image, length)
      expect(read?.length).toBe(length)
      await other.snapshots.restore(read!, length)
      await backend.truncate(length)
      expect(await other.feed([4, 5])).toEqual(await backend.feed([4, 5]))
      await backend.truncate(0)
      await backend.feed(text)
      expect(other.snapshots.fromImage(image.subarray(1), length)).toBeUndefined()
    }
    expect(other.snapshots.imageKind).toBe(snapshots.imageKind)
  })

  it('writes nothing of what follows: whatever that was, the bytes are the same', async () => {
    const images = [text.slice(50), [7, 7, 7], []].map(async (rest) => {
      const backend = await open()
      await backend.feed([...text.slice(0, 50), ...rest])
      await backend.truncate(60)
      return Buffer.concat(backend.snapshots.toImage(backend.snapshots.take(60), 50))
    })
    const [one, ...others] = await Promise.all(images)
    for (const other of others) expect(one!.equals(other)).toBe(true)
  })
})
