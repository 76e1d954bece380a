import { expect, it } from 'vitest'
import { fakeGPU, type FakeGPUBuffer } from '../../../../test/helpers/FakeGPU.js'
import type { KVSlot } from './DecoderGraph.js'
import { GPUReader } from './GPUReader.js'
import type { OrtBinding } from './OrtBinding.js'
import { ResidentKV } from './ResidentKV.js'
import { ResidentSnapshots } from './ResidentSnapshots.js'

const slots: KVSlot[] = [
  { input: 'past_key_values.0.key', output: 'present.0.key', type: 'float32', heads: 2, headDim: 4 },
  { input: 'past_key_values.0.value', output: 'present.0.value', type: 'float16', heads: 3, headDim: 4 },
]

function setUp(maxTokens = 5000) {
  const { device, buffers } = fakeGPU()
  const Tensor = { fromGpuBuffer: (gpuBuffer: object, { dims }: { dims: number[] }) => ({ gpuBuffer, dims }) }
  const kv = new ResidentKV({ Tensor } as unknown as OrtBinding, device, slots, maxTokens)
  const tensors = () => {
    const feeds: Record<string, never> = {}
    const fetches: Record<string, never> = {}
    kv.addTo(feeds, fetches)
    return slots.map(({ input, output }) => {
      expect(feeds[input]).toBe(fetches[output])
      return feeds[input] as unknown as { gpuBuffer: FakeGPUBuffer; dims: number[] }
    })
  }
  const rows = slots.map(({ headDim, type }) => headDim * (type === 'float16' ? 2 : 4))
  /** Bytes of a token: they tell the slot, the head and the token. */
  const visit = (tokens: number, each: (bytes: Uint8Array, value: number) => void) =>
    tensors().forEach(({ gpuBuffer }, slot) => {
      for (let head = 0; head < slots[slot]!.heads; head++) {
        for (let token = 0; token < tokens; token++) {
          const at = (head * kv.capacity + token) * rows[slot]!
          each(gpuBuffer.bytes.subarray(at, at + rows[slot]!), (100 * slot + 30 * head + token) % 251)
        }
      }
    })
  const fill = (tokens: number) => visit(tokens, (bytes, value) => bytes.fill(value))
  const isFilled = (tokens: number) => {
    let right = true
    visit(tokens, (bytes, value) => (right &&= bytes.every((byte) => byte === value)))
    return right
  }
  return { kv, device, buffers, tensors, fill, isFilled, visit }
}

it('grows by doubling up to the context, and keeps what is there', () => {
  const { kv, buffers, tensors, fill, isFilled } = setUp()
  kv.reserve(10, 0)
  expect(tensors().map(({ dims }) => dims)).toEqual([[1, 2, 1024, 4], [1, 3, 1024, 4]])
  fill(20)
  kv.reserve(1024, 20)
  expect(buffers).toHaveLength(2)
  kv.reserve(1025, 20)
  expect(kv.capacity).toBe(2048)
  expect(buffers.map(({ isDestroyed }) => isDestroyed)).toEqual([true, true, false, false])
  expect(isFilled(20)).toBe(true)
  kv.reserve(4097, 20)
  expect(kv.capacity).toBe(5000)
  expect(isFilled(20)).toBe(true)
})

it('takes snapshots that later runs do not change, and restores part of them', async () => {
  const { kv, fill, isFilled, visit } = setUp()
  const lengths: number[] = []
  const snapshots = new ResidentSnapshots({ kv, setLength: (length) => lengths.push(length) })
  kv.reserve(10, 0)
  fill(9)
  const snapshot = snapshots.take(9)
  expect([...snapshot.pieces()].map(([, bytes]) => bytes)).toEqual([9 * (2 * 16 + 3 * 8) + 8])
  for (const length of [9, 4]) {
    visit(9, (bytes) => bytes.fill(255))
    await snapshots.restore(snapshot, length)
    expect(isFilled(length)).toBe(true)
    expect(isFilled(length + 1)).toBe(false)
  }
  expect(lengths).toEqual([9, 4])
  snapshot.release()
  snapshot.release()
  expect((snapshot.buffer as FakeGPUBuffer).isDestroyed).toBe(true)
})

it('restores into a cache that has grown since', async () => {
  const { kv, fill, isFilled } = setUp()
  const snapshots = new ResidentSnapshots({ kv, setLength: () => undefined })
  kv.reserve(10, 0)
  fill(7)
  const snapshot = snapshots.take(7)
  kv.reserve(3000, 0)
  expect(isFilled(7)).toBe(false)
  await snapshots.restore(snapshot, 7)
  expect(isFilled(7)).toBe(true)
})

it('reads floats and halves, through one buffer that grows', async () => {
  const { device, buffers } = setUp()
  const reader = new GPUReader(device)
  const source = device.createBuffer({ size: 64, usage: 0 })
  device.queue.writeBuffer(source, 0, Float32Array.of(1.5, -2, 3))
  expect([...(await reader.read(source, 3, 'float32'))]).toEqual([1.5, -2, 3])
  device.queue.writeBuffer(source, 0, Uint16Array.of(0x3c00, 0xc000, 0x3800))
  expect([...(await reader.read(source, 3, 'float16'))]).toEqual([1, -2, 0.5])
  expect(buffers).toHaveLength(2)
  await reader.read(source, 9, 'float32')
  expect(buffers.map(({ isDestroyed }) => isDestroyed)).toEqual([false, true, false])
})
