// npm run tune -- --tools tools.json --examples examples.json: a model for an app's functions.
// npm run pipeline -- COMMAND …: any other command of the Python side, e.g. generate, report, upload.
import path from 'node:path'
import { ensureBuild } from './lib/build.mjs'
import { run } from './lib/command.mjs'
import { ensureDependencies } from './lib/dependencies.mjs'
import { ensureNode } from './lib/node.mjs'
import { root } from './lib/paths.mjs'
import { main } from './lib/step.mjs'
import { ensureUv } from './lib/uv.mjs'

/** Commands that need torch, which is a large install. */
const training = ['run', 'train', 'test-adapter', 'fuse', 'test-fused', 'calibrate']
/** Commands that run this package's own engine. */
const inNode = ['run', 'verify']

await main(async () => {
  const args = process.argv.slice(2)
  const [command = '--help'] = args
  const justHelp = args.includes('--help')
  await ensureNode()
  if (inNode.includes(command) && !justHelp && !args.includes('--python-only')) {
    await ensureDependencies()
    await ensureBuild()
  }
  const uv = /** @type {string} */ (await ensureUv())
  const groups = [
    ...(training.includes(command) ? ['--group', 'train'] : []),
    ...(command === 'upload' ? ['--group', 'upload'] : []),
  ]
  const { code } = await run(
    uv,
    ['run', '--project', path.join(root, 'pipeline'), ...groups, 'edge-llm', ...(args.length > 0 ? args : [command])],
    // npm starts scripts in the package's folder; paths are meant from where the user is.
    { cwd: process.env['INIT_CWD'] ?? root },
  )
  process.exitCode = code
})
