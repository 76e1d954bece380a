// A model's weights as wllama runs them fastest: the packaged model's own, or those of the 4-bit graph that ours runs.
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import { runOrExplain } from '../../scripts/lib/command.mjs'
import { root } from '../../scripts/lib/paths.mjs'
import { ensureUv } from '../../scripts/lib/uv.mjs'

const folder = path.join(root, '.cache/bench/gguf')

/** The model that its source package makes comparable. */
export const ggufModel = 'smollm2-135m-instruct'

/** Makes the Q8_0 file where it is missing. @param {string} [model] folder in models/, of that one's shape @returns its folder and name */
export async function ensureGguf(model = ggufModel) {
  const name = `${model}-q8_0.gguf`
  const file = path.join(folder, name)
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true })
    const uv = /** @type {string} */ (await ensureUv())
    const weights = model === ggufModel ? [] : [path.join(root, 'models', model)]
    await runOrExplain(uv, ['run', '--project', 'pipeline', 'python', 'bench/cpu/requantize.py', `${file}.part`, ...weights], {
      help: 'The GGUF file for wllama could not be written. Leave wllama out of --sides.',
    })
    renameSync(`${file}.part`, file)
  }
  return { folder, name }
}
