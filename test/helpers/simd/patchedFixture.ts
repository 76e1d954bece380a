import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Family } from './openFixture.js'

export interface Patched {
  folder: string
  remove(): void
}

/** A copy of a tiny model with a changed graph, of which the manifest knows no size. */
export function patchedFixture(family: Family, change: (graph: Uint8Array) => Uint8Array): Patched {
  const folder = mkdtempSync(path.join(tmpdir(), 'simd-fixture-'))
  cpSync(path.resolve(import.meta.dirname, '../../fixtures/simd', family), folder, { recursive: true })
  const manifest = path.join(folder, 'manifest.json')
  writeFileSync(manifest, JSON.stringify({ ...(JSON.parse(readFileSync(manifest, 'utf8')) as object), files: {} }))
  const graph = path.join(folder, 'onnx/model_q4.onnx')
  writeFileSync(graph, change(readFileSync(graph)))
  return { folder, remove: () => rmSync(folder, { recursive: true }) }
}

/**
 * Sets an integer attribute, everywhere it is, to another value below 128.
 * An AttributeProto is name (field 1), then the integer (field 3) as one byte: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function patchAttribute(graph: Uint8Array, name: string, value: number): Uint8Array {
  const patched = Buffer.from(graph)
  const pattern = Buffer.from([0x0a, name.length, ...Buffer.from(name), 0x18])
  let count = 0
  for (let at = patched.indexOf(pattern); at >= 0; at = patched.indexOf(pattern, at + 1)) {
    const byte = at + pattern.length
    if (patched[byte]! >= 128) continue
    patched[byte] = value
    count++
  }
  if (count === 0) throw new Error(`There is no attribute ${name} below 128`)
  return patched
}
