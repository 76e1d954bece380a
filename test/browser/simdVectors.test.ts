import { expect, it } from 'vitest'
import { checkVectors } from '../helpers/simd/checkVectors.js'

const root = new URL('../../', import.meta.url).href

it.each([1, 2, 4])(
  'the SIMD core on %i threads gives the bits of the test vectors',
  async (threads) => {
    const report = await checkVectors({ core: `${root}dist/worker/core.wasm`, root, threads })
    const { versions, differing } = report
    expect(versions.core).toBe(versions.vectors)
    expect(Object.keys(differing)).toContain('models/function-caller')
    expect(Object.entries(differing).filter(([, steps]) => steps.length > 0)).toEqual([])
    expect(report.threads).toBe(threads)
  },
  300_000,
)
