// Compiles the SIMD core from AssemblyScript.
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import asc from 'assemblyscript/asc'
import { root } from './paths.mjs'
import { Missing } from './step.mjs'

const folder = path.join(root, 'src/simd/core')

/** No contraction of products and sums is among the compiler's optimizations; what it emits rounds as it is written. */
const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--noExportMemory', '--enable', 'simd']

/** The compiler's flags by build. @type {Record<'core' | 'core-relaxed', string[]>} */
export const coreBuilds = {
  core: [...flags, '--use', 'RELAXED_SIMD=0'],
  'core-relaxed': [...flags, '--enable', 'relaxed-simd', '--use', 'RELAXED_SIMD=1'],
}

const sharedFlags = ['--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536', '--enable', 'threads']

/**
 * @param {keyof typeof coreBuilds} build
 * @param {string} outFile
 * @param {object} [options]
 * @param {string} [options.entry] a file of the core; `index.ts`
 * @param {boolean} [options.shared] whether the module declares a shared memory; the host of the core changes that itself
 */
export async function compileCore(build, outFile, { entry = 'index.ts', shared = false } = {}) {
  mkdirSync(path.dirname(outFile), { recursive: true })
  const relative = (/** @type {string} */ file) => path.relative(root, file).replaceAll('\\', '/')
  const { error, stderr } = await asc.main([
    relative(path.join(folder, entry)), '--baseDir', root, ...coreBuilds[build], ...(shared ? sharedFlags : []), '--outFile', relative(outFile),
  ])
  if (error) throw new Missing(`The SIMD core does not compile (${build}):\n${stderr.toString()}`)
}
