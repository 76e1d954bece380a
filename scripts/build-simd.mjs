// Builds the SIMD core beside the workers. A part of `npm run build`.
// `--pipeline` builds the copy that the Python package carries instead: commit it with the change to the core.
import { statSync } from 'node:fs'
import path from 'node:path'
import { root } from './lib/paths.mjs'
import { compileCore, coreCopy } from './lib/simdCore.mjs'
import { main } from './lib/step.mjs'

const file = process.argv.includes('--pipeline') ? coreCopy : path.join(root, 'dist/worker/core.wasm')

await main(async () => {
  await compileCore(file)
  console.log(`${path.relative(root, file)}: ${(statSync(file).size / 1000).toFixed(0)} kB`)
})
