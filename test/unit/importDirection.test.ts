import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'
import { describe, expect, it } from 'vitest'

// The project's own config, without the rules that would need these made-up files on disk.
const eslint = new ESLint({
  overrideConfig: [
    tseslint.configs.disableTypeChecked,
    { languageOptions: { parserOptions: { projectService: false } } },
  ],
})

async function problems(file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: file })
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message)
}

const rule = 'house/import-direction'

describe('the lint rule for import direction', () => {
  it.each([
    ['src/engine/a.ts', `import { run } from '../inference/index.js'\nrun()`],
    ['src/engine/a.ts', `import { run } from '../worker/protocol.js'\nrun()`],
    ['src/engine/a.ts', `import type { X } from '../worker/entry.js'\nexport type Y = X`],
    ['src/engine/a.ts', `export * from '../chat/index.js'`],
    ['src/engine/a.ts', `export const load = () => import('../inference/index.js')`],
    ['src/tools/a.ts', `import type { Dtype } from '../models/types.js'\nexport type D = Dtype`],
    ['src/models/formats/a.ts', `import { tool } from '../../tools/index.js'\ntool()`],
    ['src/inference/a.ts', `import { createEngine } from '../engine/index.js'\ncreateEngine()`],
    ['src/chat/a.ts', `import { useState } from 'react'\nuseState()`],
    ['src/index.ts', `import { wrap } from 'comlink'\nwrap()`],
    ['src/tools/a.ts', `import { createRoot } from 'react-dom/client'\ncreateRoot()`],
    ['src/newFolder/a.ts', `import { tool } from '../tools/index.js'\ntool()`],
  ])('bites in %s: %s', async (file, code) => {
    expect(await problems(file, code)).toContain(rule)
  })

  it.each([
    ['src/engine/a.ts', `import type { LoadRequest } from '../worker/protocol.js'\nexport type L = LoadRequest`],
    ['src/engine/a.ts', `import { type EngineWorker } from '../worker/protocol.js'\nexport type E = EngineWorker`],
    ['src/engine/a.ts', `import { wrap } from 'comlink'\nwrap()`],
    ['src/worker/a.ts', `import { run } from '../inference/index.js'\nrun()`],
    ['src/tools/a.ts', `import { LLMError } from '../errors/index.js'\nthrow new LLMError()`],
    ['src/react/a.tsx', `import { useState } from 'react'\nuseState()`],
    ['src/chat/a.test.ts', `import { run } from '../inference/index.js'\nrun()`],
  ])('lets %s be: %s', async (file, code) => {
    expect(await problems(file, code)).not.toContain(rule)
  })
})

describe('other house rules', () => {
  it('rejects mutable state at module level', async () => {
    expect(await problems('src/chat/a.ts', 'let count = 0\nexport const next = () => ++count')).toContain('no-restricted-syntax')
  })

  it('rejects any', async () => {
    expect(await problems('src/chat/a.ts', 'export const x = (y: any) => y')).toContain('@typescript-eslint/no-explicit-any')
  })

  it('rejects files over 300 lines', async () => {
    const code = Array.from({ length: 301 }, (_, i) => `export const x${i} = ${i}`).join('\n')
    expect(await problems('src/chat/a.ts', code)).toContain('max-lines')
  })
})
