import { Tensor } from 'onnxruntime-node'
import { expect, it } from 'vitest'
import type { KVSlot } from './DecoderGraph.js'
import { KVCache } from './KVCache.js'
import type { OrtBinding } from './OrtBinding.js'
import { OrtSnapshots } from './OrtSnapshots.js'

const slots: KVSlot[] = [
  { input: 'past_key_values.0.key', output: 'present.0.key', type: 'float32', heads: 3, headDim: 4 },
  { input: 'past_key_values.0.value', output: 'present.0.value', type: 'float16', heads: 3, headDim: 4 },
]

/** What a run over tokens `0` to `length` gives: every element tells its token, head and place. */
function outputs(length: number, disposed: number[] = []): Record<string, Tensor> {
  return Object.fromEntries(
    slots.map(({ output, type, heads, headDim }, slot) => {
      const values = Array.from({ length: heads * length * headDim }, (_, i) => {
        const [head, token, place] = [Math.floor(i / (length * headDim)), Math.floor(i / headDim) % length, i % headDim]
        return 1000 * slot + 100 * head + 10 * token + place
      })
      const dims = [1, heads, length, headDim]
      const tensor = type === 'float32' ? new Tensor('float32', Float32Array.from(values), dims) : new Tensor('float16', Uint16Array.from(values), dims)
      const dispose = tensor.dispose.bind(tensor)
      tensor.dispose = () => {
        disposed.push(length)
        dispose()
      }
      return [output, tensor]
    }),
  )
}

function setUp() {
  const cache = new KVCache({ Tensor } as unknown as OrtBinding, slots)
  const snapshots = new OrtSnapshots(cache, 'test')
  const present = () => {
    const feeds: Record<string, Tensor> = {}
    cache.addTo(feeds)
    return slots.map(({ input }) => ({ dims: feeds[input]!.dims, data: [...(feeds[input]!.data as Float32Array)] }))
  }
  const expected = (length: number) => {
    const made = outputs(length)
    return slots.map(({ output }) => ({ dims: made[output]!.dims, data: [...(made[output]!.data as Float32Array)] }))
  }
  const feed = (length: number, disposed?: number[]) => cache.replace(outputs(length, disposed), length)
  return { cache, snapshots, present, expected, feed }
}

it('is cut to the tokens that come first, in every head', async () => {
  const { cache, present, expected, feed } = setUp()
  feed(7)
  for (const length of [6, 3, 1, 0]) {
    await cache.truncate(length)
    expect(cache.length).toBe(length)
    expect(present()).toEqual(expected(length))
  }
})

it('keeps what a run gave as it is, and frees it with its last holder', async () => {
  const { cache, snapshots, present, expected, feed } = setUp()
  const disposed: number[] = []
  feed(4, disposed)
  const [one, two] = [snapshots.take(), snapshots.take()]
  expect([...one.pieces()]).toEqual([...two.pieces()])
  expect([...one.pieces()][0]![1]).toBe(3 * 4 * 4 * (4 + 2))
  feed(6, disposed)
  expect(disposed).toEqual([])
  await snapshots.restore(one, 4)
  expect(disposed).toEqual([6, 6])
  expect(present()).toEqual(expected(4))
  await snapshots.restore(two, 2)
  expect(present()).toEqual(expected(2))
  one.release()
  one.release()
  expect(disposed).toEqual([6, 6])
  two.release()
  expect(disposed).toEqual([6, 6, 4, 4])
  expect(cache.length).toBe(2)
})

it('writes tokens as bytes and reads them, in place of a run', async () => {
  const { snapshots, present, expected, feed } = setUp()
  feed(7)
  const image = Uint8Array.from(Buffer.concat(snapshots.toImage(snapshots.take(), 5)))
  const other = setUp()
  const read = other.snapshots.fromImage(image, 5)!
  await other.snapshots.restore(read, 5)
  expect(other.present()).toEqual(expected(5))
  expect(other.snapshots.fromImage(image, 4)).toBeUndefined()
  expect(present()).toEqual(expected(7))
})
