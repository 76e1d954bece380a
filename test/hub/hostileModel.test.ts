import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isLLMError } from '../../src/errors/index.js'
import { Mutations, type Files } from '../helpers/hostile/Mutations.js'
import { useModel } from '../helpers/hostile/useModel.js'

const fixtures = join(import.meta.dirname, '../fixtures/simd')
const families = ['llama', 'gemma3', 'qwen2'] as const
/** `FUZZ=20000` for a long run, `FUZZ_SEED` for other copies. */
const copies = Number(process.env.FUZZ ?? 300)
const firstSeed = Number(process.env.FUZZ_SEED ?? 1)
/** Far more than any copy takes on a busy machine. */
const mostMs = 10_000

function readModel(family: string): Files {
  const folder = join(fixtures, family)
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && !/^(?:logits|reference)/.test(entry.name))
  const paths = names.map((entry) => join(entry.parentPath, entry.name))
  const files = Object.fromEntries(paths.map((path) => [relative(folder, path).split(sep).join('/'), new Uint8Array(readFileSync(path))]))
  // Who damages a model on purpose makes its manifest fit.
  const manifest = { ...(JSON.parse(new TextDecoder().decode(files['manifest.json'])) as object), files: {} }
  return { ...files, 'manifest.json': new TextEncoder().encode(JSON.stringify(manifest)) }
}

describe('a damaged model', () => {
  it.each(families)('%s is whole before it is damaged', async (family) => {
    const { reason, ids, text } = await useModel(readModel(family))
    expect(reason).toBeUndefined()
    expect(ids.length).toBeGreaterThan(10)
    expect(text).toContain('Paint it red ü 日')
  })

  it(`loads or ends in an LLMError, each of ${copies} copies`, async () => {
    const outcomes = new Map<string, number>()
    for (let seed = firstSeed; seed < firstSeed + copies; seed++) {
      const family = families[seed % families.length]!
      const { files, what } = new Mutations(seed).apply(readModel(family))
      const startedAt = performance.now()
      const outcome = await useModel(files).then(
        () => 'loads',
        (error: unknown) => {
          if (isLLMError(error)) return error.code
          throw new Error(`Seed ${seed} (${family}: ${what}) threw something else`, { cause: error })
        },
      )
      expect(performance.now() - startedAt, `seed ${seed} (${family}: ${what})`).toBeLessThan(mostMs)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    // Some damage is none, some is found: otherwise nothing was tried.
    expect(outcomes.get('loads')).toBeGreaterThan(0)
    expect(outcomes.size).toBeGreaterThan(4)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  }, 60_000 + 100 * copies)
})
