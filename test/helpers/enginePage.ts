import path from 'node:path'
import { build } from 'vite'
import type { GenerateRequest, LLMConfig } from '../../src/engine/index.js'
import type { Visit } from '../e2e/pages/engine/main.js'
import type { DrivenBrowser } from './browsers/index.js'

const root = path.resolve(import.meta.dirname, '../..')

/** Builds the page that loads and asks, around the built package. @returns the folder of it. */
export async function buildEnginePage(): Promise<string> {
  const outDir = path.join(root, '.cache/e2e/engine')
  await build({
    root: path.join(root, 'test/e2e/pages/engine'),
    logLevel: 'error',
    resolve: { alias: { 'react-edge-llm/engine': path.join(root, 'dist/engine/index.js') } },
    build: { outDir, emptyOutDir: true, target: 'es2022' },
  })
  return outDir
}

/** Loads a model in the page and asks it once. The engine stays until the next `leave`. */
export function visit(page: Pick<DrivenBrowser, 'evaluate'>, config: LLMConfig, request: GenerateRequest): Promise<Visit> {
  return page.evaluate<Visit>(`window.visit(${JSON.stringify(config)}, ${JSON.stringify(request)})`)
}
