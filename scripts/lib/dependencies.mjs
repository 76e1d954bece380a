// Installs the npm packages of the lock file.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { npmCommand, runOrExplain } from './command.mjs'
import { root } from './paths.mjs'
import { step } from './step.mjs'

/** @typedef {{ packages: Record<string, { version?: string, optional?: boolean, link?: boolean }> }} Lock */

/**
 * What `installed` (the record npm keeps inside node_modules) lacks of `wanted` (package-lock.json).
 * Optional packages may be left out by npm on platforms they are not for.
 * @param {Lock} wanted @param {Lock} installed
 */
export function missingPackages(wanted, installed) {
  return Object.entries(wanted.packages)
    .filter(([name, { version, optional }]) => {
      if (!name.startsWith('node_modules/')) return false
      const found = installed.packages[name]
      return found ? found.version !== version : !optional
    })
    .map(([name]) => name.slice('node_modules/'.length))
}

/** @param {string} file @returns {Lock} */
const readLock = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'))

export function ensureDependencies() {
  return step('npm packages', async (say) => {
    const record = 'node_modules/.package-lock.json'
    if (existsSync(path.join(root, record))) {
      const missing = missingPackages(readLock('package-lock.json'), readLock(record))
      if (missing.length === 0) return { state: 'up to date' }
      say(`installing: ${missing.length} not as in package-lock.json, ${missing[0]} first`)
    } else {
      say('installing, a minute or two')
    }
    const { program, args } = npmCommand(['ci', '--no-fund', '--no-audit', '--loglevel=error'])
    await runOrExplain(program, args, {
      // Its install step would fetch a CUDA build; the CPU binaries are in the package.
      env: { ONNXRUNTIME_NODE_INSTALL: 'skip' },
      help: 'npm could not install the packages. Is the npm registry reachable?',
    })
    return { state: 'installed' }
  })
}
