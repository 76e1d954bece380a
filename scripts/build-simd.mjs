// Builds the SIMD core, plain and with relaxed SIMD, beside the workers. A part of `npm run build`.
import { statSync } from 'node:fs'
import path from 'node:path'
import { root } from './lib/paths.mjs'
import { compileCore } from './lib/simdCore.mjs'
import { main } from './lib/step.mjs'

await main(async () => {
  for (const build of /** @type {const} */ (['core', 'core-relaxed'])) {
    const file = path.join(root, 'dist/worker', `${build}.wasm`)
    await compileCore(build, file)
    console.log(`worker/${build}.wasm: ${(statSync(file).size / 1000).toFixed(0)} kB`)
  }
})
