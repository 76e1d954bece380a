import { beforeAll, describe, expect, it } from 'vitest'
import { compileCore, openFixture, readFixture } from '../../test/helpers/simd/openFixture.js'
import type { CoreModule, Sequence, SimdDecoder } from './index.js'

const fixture = readFixture('gemma3')
const tokens = (count: number, seed: number) => Array.from({ length: count }, (_, i) => (i * i * seed + 5 * i) % 256)

let core: CoreModule
beforeAll(async () => {
  core = await compileCore()
}, 120_000)

const open = () => openFixture(fixture, { core })
const fed = (decoder: SimdDecoder, ids: readonly number[]) => {
  const sequence = decoder.sequence()
  decoder.feed(sequence, ids)
  return sequence
}
const imageOf = (decoder: SimdDecoder, sequence: Sequence, count?: number) => Buffer.concat([...decoder.images.write(sequence, count)])

describe('images of sequences', () => {
  it.each([1, 63, 64, 65, 101, 150])('of %d tokens give the same bits in another core, in parts of any size', async (count) => {
    const [one, two] = [await open(), await open()]
    const text = tokens(150, 7)
    const image = imageOf(one, fed(one, text), count)
    expect(image.length).toBe(one.images.byteLength(count))
    for (const size of [1000, 12_345, image.length]) {
      const reader = two.images.reader()
      for (let at = 0; at < image.length; at += size) reader.write(image.subarray(at, at + size))
      const sequence = reader.end()
      expect(sequence.length).toBe(count)
      expect(imageOf(two, sequence)).toEqual(image)
      const after = [1, 2, 3]
      expect(two.feed(sequence, after)).toEqual(one.feed(fed(one, text.slice(0, count)), after))
      sequence.dispose()
    }
  })

  it('hold nothing of other texts', async () => {
    const [clean, used] = [await open(), await open()]
    fed(used, tokens(150, 3)).dispose()
    for (const count of [1, 6, 7, 8, 70]) {
      expect(imageOf(used, fed(used, tokens(count, 7)))).toEqual(imageOf(clean, fed(clean, tokens(count, 7))))
      expect(imageOf(used, fed(used, tokens(150, 7)), count)).toEqual(imageOf(clean, fed(clean, tokens(count, 7))))
    }
  })

  it('that are damaged or of another model are refused, and take no memory', async () => {
    const [decoder, other] = [await open(), await openFixture(readFixture('qwen3'), { core })]
    const image = imageOf(decoder, fed(decoder, tokens(70, 7)))
    const refused = (bytes: Uint8Array, at = decoder) => {
      const reader = at.images.reader()
      expect(() => {
        reader.write(bytes)
        reader.end()
      }).toThrow(expect.objectContaining({ code: 'storage' }))
    }
    const memory = decoder.memoryBytes
    refused(image.subarray(0, 40))
    refused(image.subarray(0, -1))
    refused(Buffer.concat([image, Buffer.of(0)]))
    refused(new Uint8Array(100))
    refused(image, other)
    const long = Buffer.from(image)
    long.writeUInt32LE(decoder.plan.context + 1, 28)
    refused(long)
    const newer = Buffer.from(image)
    newer.writeUInt32LE(99, 8)
    refused(newer)
    const before = decoder.memoryBytes
    for (let i = 0; i < 20; i++) refused(image.subarray(0, -1))
    expect(decoder.memoryBytes).toBe(before)
    expect(before - memory).toBeLessThan(2 ** 21)
    expect(() => imageOf(decoder, decoder.sequence(), 1)).toThrow(RangeError)
  })
})
