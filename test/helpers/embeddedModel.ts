import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The real model, and two layers of the same network with its real tokenizer. */
export type TestModel = 'smollm2-135m-instruct' | 'smollm2-tiny'

/** Folder of a model that `npm run model` makes. */
export function modelFolder(name: TestModel): string {
  const folder = path.resolve(import.meta.dirname, '../../models', name)
  if (!existsSync(path.join(folder, 'manifest.json'))) {
    throw new Error(`models/${name} is missing. Run "npm run model" first (npm test does it by itself).`)
  }
  return folder
}

/** One of a model's JSON files. */
export function modelJSON(name: TestModel, file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path.join(modelFolder(name), file), 'utf8')) as Record<string, unknown>
}
