// Compiles the SIMD core from AssemblyScript.
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { assemblyScript } from './assemblyScript.mjs'
import { root } from './paths.mjs'
import { Missing } from './step.mjs'

const folder = path.join(root, 'src/simd/core')

/** Where the Python package keeps a copy, so that it needs no compiler. */
export const coreCopy = path.join(root, 'pipeline/src/edge_llm/simd/core.wasm')

/** No contraction of products and sums is among the compiler's optimizations; what it emits rounds as it is written. */
const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--noExportMemory', '--enable', 'simd']

const sharedFlags = ['--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536', '--enable', 'threads']

/**
 * @param {string} outFile
 * @param {object} [options]
 * @param {string} [options.entry] a file of the core; `index.ts`
 * @param {boolean} [options.shared] whether the module declares a shared memory; the host of the core changes that itself
 */
export async function compileCore(outFile, { entry = 'index.ts', shared = false } = {}) {
  mkdirSync(path.dirname(outFile), { recursive: true })
  const relative = (/** @type {string} */ file) => path.relative(root, file).replaceAll('\\', '/')
  const { error, stderr } = await assemblyScript.main([
    relative(path.join(folder, entry)), '--baseDir', root, ...flags, ...(shared ? sharedFlags : []), '--outFile', relative(outFile),
  ])
  if (error) throw new Missing(`The SIMD core does not compile:\n${stderr.toString()}`)
}
