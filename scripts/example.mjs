// npm run example -- <name>: builds one of examples/ and serves it.
//   --port N    default 5180
//   --no-open   do not open a browser
import { parseArgs } from 'node:util'
import { ensureBuild } from './lib/build.mjs'
import { binary, run } from './lib/command.mjs'
import { ensureDependencies } from './lib/dependencies.mjs'
import { hasDesktop } from './lib/desktop.mjs'
import { ensureExample, exampleFolder } from './lib/example.mjs'
import { ensureDemoModel } from './lib/model.mjs'
import { ensureNode } from './lib/node.mjs'
import { main } from './lib/step.mjs'

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string', default: '5180' }, 'no-open': { type: 'boolean', default: false } },
  })
  const name = /** @type {string} */ (positionals[0])
  const folder = exampleFolder(name)
  await ensureNode()
  await ensureDependencies()
  await ensureDemoModel()
  await ensureBuild()
  await ensureExample(name)

  const open = hasDesktop() && !values['no-open']
  const { code } = await run(
    process.execPath,
    [binary('vite'), 'preview', '--port', values.port, '--strictPort', ...(open ? ['--open'] : [])],
    { cwd: folder },
  )
  process.exitCode = code
})
