import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The untuned base, two layers of the same network with its real tokenizer, and the model that the repository ships. */
export type TestModel = 'smollm2-135m-instruct' | 'smollm2-tiny' | 'function-caller'

/** Folder of a model: `npm run model` makes all but function-caller, which is in the repository. */
export function modelFolder(name: TestModel): string {
  const folder = path.resolve(import.meta.dirname, '../../models', name)
  if (!existsSync(path.join(folder, 'manifest.json'))) {
    const advice =
      name === 'function-caller'
        ? 'Its weights are part of the repository: git checkout -- models/function-caller.'
        : 'Run "npm run model" first (npm test does it by itself).'
    throw new Error(`models/${name} is missing. ${advice}`)
  }
  return folder
}

/** One of a model's JSON files. */
export function modelJSON(name: TestModel, file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path.join(modelFolder(name), file), 'utf8')) as Record<string, unknown>
}
