// Builds the package into dist/.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { npmCommand, runOrExplain } from './command.mjs'
import { hashOf, stamp } from './hash.mjs'
import { root } from './paths.mjs'
import { step } from './step.mjs'

const sources = ['src', 'rollup.config.mjs', 'tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json']

export function ensureBuild() {
  return step('Build', async (say) => {
    const hash = hashOf(sources)
    const built = stamp('build')
    if (existsSync(path.join(root, 'dist/index.d.ts')) && built.matches(hash)) return { state: 'up to date' }
    say('building the package into dist')
    const { program, args } = npmCommand(['run', '--silent', 'build'])
    await runOrExplain(program, args, { help: 'The package does not build.', quiet: true })
    built.write(hash)
    return { state: 'built' }
  })
}
