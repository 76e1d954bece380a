import { expectTypeOf, it } from 'vitest'
import type { ToolFormatName as NameForModels } from '../models/index.js'
import type { ToolFormatName } from '../tools/index.js'

// `models` and `tools` import nothing of each other, so both have the union.
it('models and tools know the same formats', () => {
  expectTypeOf<NameForModels>().toEqualTypeOf<ToolFormatName>()
})
