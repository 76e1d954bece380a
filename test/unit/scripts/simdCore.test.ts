import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { compileCore, coreCopy } from '../../../scripts/lib/simdCore.mjs'

it('the Python package carries what the SIMD core builds to', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'simd-core-'))
  const file = path.join(folder, 'built.wasm')
  await compileCore(file)
  const isSame = readFileSync(file).equals(readFileSync(coreCopy))
  rmSync(folder, { recursive: true })
  expect(isSame, 'Run `node scripts/build-simd.mjs --pipeline` and commit what it writes.').toBe(true)
}, 120_000)
