import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { compileCore, families, openFixture, readFixture } from '../../test/helpers/simd/openFixture.js'
import { differingSteps, numericsVersion, sha256, type Vectors } from '../../test/helpers/simd/vectors.js'
import type { CoreModule } from './index.js'

const file = JSON.parse(readFileSync('test/fixtures/simd/vectors.json', 'utf8')) as Vectors

describe('test vectors', () => {
  let core: CoreModule
  beforeAll(async () => {
    core = await compileCore()
  }, 120_000)

  it('are of the version of the arithmetic that the core has', async () => {
    expect(await numericsVersion(core, false)).toBe(file.numericsVersion)
  })

  it.each(families)('%s: the same bits after every step', async (family) => {
    const vector = file.vectors.find(({ model }) => model === `test/fixtures/simd/${family}`)!
    const fixture = readFixture(family)
    expect(await sha256(fixture.graph.bytes.slice())).toBe(vector.graphSha256)
    expect(vector.logits).toHaveLength(vector.answer.length + 1)
    expect(await differingSteps(await openFixture(fixture, { core }), vector)).toEqual([])
    // In passes of other sizes, too.
    expect(await differingSteps(await openFixture(fixture, { core, maxTokens: 9 }), vector)).toEqual([])
  })
})
