// The apps under examples/.
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { binary, runOrExplain } from './command.mjs'
import { hashOf, stamp } from './hash.mjs'
import { root } from './paths.mjs'
import { Missing, step } from './step.mjs'

/** The folder of the example `name`. @param {string | undefined} name */
export function exampleFolder(name) {
  const folder = path.join(root, 'examples', name ?? '')
  if (name && existsSync(path.join(folder, 'package.json'))) return folder
  const names = readdirSync(path.join(root, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  throw new Missing(`Which example? There is: ${names.map((entry) => entry.name).join(', ')}. Say: npm run example -- ${names[0]?.name}`)
}

/** Builds an example into its dist folder. The package must be built. @param {string} name */
export function ensureExample(name) {
  return step('Example', async (say) => {
    const folder = exampleFolder(name)
    const hash = hashOf([`examples/${name}`, 'src', 'rollup.config.mjs', 'package-lock.json'])
    const built = stamp(`example-${name}`)
    if (existsSync(path.join(folder, 'dist/index.html')) && built.matches(hash)) return { state: `${name} is up to date` }
    say(`building ${name}`)
    await runOrExplain(process.execPath, [binary('vite'), 'build'], { cwd: folder, quiet: true, help: `examples/${name} does not build.` })
    built.write(hash)
    return { state: `built ${name}` }
  })
}
