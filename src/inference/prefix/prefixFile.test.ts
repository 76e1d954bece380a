import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ENGINE_VERSION } from './engineVersion.js'
import { modelFingerprint } from './modelFingerprint.js'
import { prefixFileName, readPrefixFile, writePrefixFile } from './prefixFile.js'

const key = { identity: 'model 1', tokens: [5, 6, 7] }
const image = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) % 251)
const write = () => writePrefixFile(key, [image.subarray(0, 1200), image.subarray(1200)])

describe('a stored prefix', () => {
  it('comes back as it was', async () => {
    expect(await readPrefixFile(key, await write())).toEqual(image)
  })

  it('is not taken where any byte is another one, or where bytes are missing or added', async () => {
    const file = await write()
    for (const at of [0, 7, 8, 20, 39, 40, 41, 2500, file.length - 1]) {
      const damaged = file.slice()
      damaged[at]! ^= 1
      expect(await readPrefixFile(key, damaged)).toBeUndefined()
    }
    for (const length of [0, 1, 39, 40, 41, file.length - 1]) expect(await readPrefixFile(key, file.slice(0, length))).toBeUndefined()
    expect(await readPrefixFile(key, Uint8Array.of(...file, 0))).toBeUndefined()
  })

  it('is not taken for other tokens or another model, nor looked for under their name', async () => {
    for (const other of [{ ...key, tokens: [5, 6, 8] }, { ...key, tokens: [5, 6] }, { ...key, tokens: [56, 7] }, { ...key, identity: 'model 2' }]) {
      expect(await readPrefixFile(other, await write())).toBeUndefined()
      expect(await prefixFileName(other)).not.toBe(await prefixFileName(key))
    }
    expect(await prefixFileName({ ...key })).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('modelFingerprint', () => {
  const of = (bytes: Uint8Array, config = {}, externalData: Uint8Array[] = []) =>
    modelFingerprint({ config, graph: { path: 'm.onnx', bytes, externalData: externalData.map((data) => ({ path: 'w', bytes: data })) } })
  const large = Uint8Array.from({ length: 5_000_003 }, (_, i) => (i * 31) % 256)

  it('is the same for the same files, wherever they lie in memory', () => {
    const place = new Uint8Array(new SharedArrayBuffer(large.length + 64))
    for (const at of [0, 4, 60]) {
      place.set(large, at)
      expect(of(place.subarray(at, at + large.length))).toBe(of(large))
    }
  })

  it('differs where a small file, a line of a large one, the size, the configuration or other data differ', () => {
    const changed = large.slice()
    // Training changes all weights; a line is 64 bytes.
    for (let i = 3_000_000; i < 3_000_064; i++) changed[i]! ^= 4
    const all = [of(large), of(changed), of(large.slice(0, -1)), of(large, { rope_theta: 1 }), of(large, {}, [large])]
    const small = large.slice(0, 1003)
    for (const at of [0, 500, 1002]) {
      const other = small.slice()
      other[at]! ^= 1
      all.push(of(other))
    }
    expect(new Set([...all, of(small)]).size).toBe(all.length + 1)
  })
})

it('the version is the package’s', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }
  expect(ENGINE_VERSION).toBe(version)
})
