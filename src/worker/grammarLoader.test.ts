import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { grammarLoader } from './grammarLoader.js'

it('gives an instance of its own each time', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'grammar-'))
  try {
    const file = path.join(folder, 'grammar.mjs')
    await writeFile(file, 'export const Grammar = {}')
    const load = grammarLoader(pathToFileURL(file))
    const [first, second, third] = [await load(), await load(), await load()]
    expect(first.Grammar).toEqual({})
    expect(new Set([first.Grammar, second.Grammar, third.Grammar]).size).toBe(3)
  } finally {
    await rm(folder, { recursive: true })
  }
})
