// What the SIMD core adds to a download.
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from '../../scripts/lib/paths.mjs'

/** What a worker holds only for the core's sake. */
const wrapper = `
  export { openSimdDecoder } from './src/inference/runtimes/simd/openSimdDecoder.js'
  export { WeightMemory } from './src/inference/runtimes/simd/WeightMemory.js'
  export { isSimdThread, serveSimdThread, spawnSimdThread } from './src/worker/simdThread.js'
`

const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length

/**
 * Bytes: of the core and of what hosts it, gzipped; of the model's 4-bit file.
 * @param {string} model
 */
export async function measureSizes(model) {
  const { outputFiles } = await build({
    stdin: { contents: wrapper, resolveDir: root, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    treeShaking: true,
    // Told by name, so that nothing but the wrapper's own imports comes along.
    external: ['onnxruntime-*', '@huggingface/*', '@mlc-ai/*'],
  })
  const core = readFileSync(path.join(root, 'dist/worker/core.wasm'))
  const folder = path.join(root, 'models', model)
  const { dtypes } = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'))
  return { coreBytes: gzipped(core), wrapperBytes: gzipped(outputFiles[0].contents), q4Bytes: statSync(path.join(folder, dtypes.q4.file)).size }
}
