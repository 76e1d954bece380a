// The model's weights as wllama runs them fastest, made from the same file that ours were converted from.
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import { runOrExplain } from '../../scripts/lib/command.mjs'
import { root } from '../../scripts/lib/paths.mjs'
import { ensureUv } from '../../scripts/lib/uv.mjs'

const folder = path.join(root, '.cache/bench/gguf')

/** The one model that its source package makes comparable. */
export const ggufModel = 'smollm2-135m-instruct'

/** Makes the Q8_0 file where it is missing. @returns its folder and name */
export async function ensureGguf() {
  const name = `${ggufModel}-q8_0.gguf`
  const file = path.join(folder, name)
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true })
    const uv = /** @type {string} */ (await ensureUv())
    await runOrExplain(uv, ['run', '--project', 'pipeline', 'python', 'bench/cpu/requantize.py', `${file}.part`], {
      help: 'The GGUF file for wllama could not be written. Leave the side out with --sides ours,ours-ort,transformers.',
    })
    renameSync(`${file}.part`, file)
  }
  return { folder, name }
}
