// npm start: opens the demos (Storybook) on a real model, after installing whatever they need.
//   --port N    default 6006
//   --no-open   do not open a browser
//   --ci        for machines: no browser, no questions
import { parseArgs } from 'node:util'
import { ensureBuild } from './lib/build.mjs'
import { binary, run } from './lib/command.mjs'
import { ensureDependencies } from './lib/dependencies.mjs'
import { hasDesktop } from './lib/desktop.mjs'
import { ensureDemoModel } from './lib/model.mjs'
import { ensureNode } from './lib/node.mjs'
import { main } from './lib/step.mjs'

await main(async () => {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '6006' },
      'no-open': { type: 'boolean', default: false },
      ci: { type: 'boolean', default: false },
    },
  })
  await ensureNode()
  await ensureDependencies()
  await ensureDemoModel()
  await ensureBuild()

  const open = hasDesktop() && !values['no-open'] && !values.ci
  console.log(`\nThe demos will be at http://localhost:${values.port} (Ctrl+C ends them).\n`)
  const { code } = await run(
    process.execPath,
    [binary('storybook'), 'dev', '--port', values.port, '--exact-port', ...(open ? [] : ['--no-open']), ...(values.ci ? ['--ci'] : [])],
    { env: { STORYBOOK_DISABLE_TELEMETRY: '1' } },
  )
  process.exitCode = code
})
