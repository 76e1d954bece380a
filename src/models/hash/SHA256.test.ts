import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { sha256ModuleFile, sha256ModuleText } from '../../../scripts/lib/sha256Module.mjs'
import { SHA256 } from './SHA256.js'

const bytesOf = (length: number): Uint8Array => new Uint8Array(length).map((_, i) => (i * 31 + (i >> 8)) & 255)
const expected = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('SHA256', () => {
  // Example of FIPS 180-4, published with its digest.
  it('gives the published digest of "abc"', () => {
    const digest = new SHA256().update(new TextEncoder().encode('abc')).digest()
    expect(digest).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  it('agrees with Node for every length around a block, and begins anew after a digest', () => {
    const hash = new SHA256()
    for (const length of [...Array(200).keys(), 32_767, 32_768, 32_769, 100_001]) {
      const bytes = bytesOf(length)
      expect(hash.update(bytes).digest()).toBe(expected(bytes))
    }
  })

  it('does not depend on how the bytes are cut, shared memory included', () => {
    const bytes = bytesOf(70_000)
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
    shared.set(bytes)
    for (const step of [1, 63, 64, 65, 999, 32_768, 40_000]) {
      const hash = new SHA256()
      for (let at = 0; at < shared.length; at += step) hash.update(shared.subarray(at, at + step))
      expect(hash.digest()).toBe(expected(bytes))
    }
  })

  it('is what its source compiles to', { timeout: 60_000 }, async () => {
    expect(await readFile(sha256ModuleFile, 'utf8')).toBe(await sha256ModuleText())
  })
})
