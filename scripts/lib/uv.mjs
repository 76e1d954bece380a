// uv, which runs the Python pipeline: found, or installed under .cache.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { aptInstall, canUseApt } from './apt.mjs'
import { run, works } from './command.mjs'
import { root } from './paths.mjs'
import { Missing, step } from './step.mjs'

const environment = path.join(root, '.cache/uv-environment')
const scripts = path.join(environment, process.platform === 'win32' ? 'Scripts' : 'bin')
const ownUv = path.join(scripts, process.platform === 'win32' ? 'uv.exe' : 'uv')

const enoughPython = ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))']

/** A Python that is new enough. */
function findPython() {
  return ['python3', 'python', 'python3.13', 'python3.12', 'python3.11'].find((name) => works(name, enoughPython))
}

/** The uv on this machine, or the one installed under .cache. */
export function findUv() {
  return ['uv', ownUv].find((candidate) => (path.isAbsolute(candidate) ? existsSync(candidate) : works(candidate)))
}

/** @param {string} python */
async function installUv(python) {
  const venv = await run(python, ['-m', 'venv', environment], { quiet: true })
  if (venv.code !== 0) return `${python} -m venv failed (on Debian: apt-get install python3-venv):\n${venv.output}`
  const pip = await run(path.join(scripts, 'python'), ['-m', 'pip', 'install', '--quiet', 'uv'], { quiet: true })
  return pip.code === 0 ? undefined : `pip could not install uv:\n${pip.output}`
}

/** Path of a uv that works. */
export function ensureUv() {
  return step('uv', async (say) => {
    const found = findUv()
    if (found) return { state: found, value: found }
    if (canUseApt()) {
      say('installing Python’s venv')
      await aptInstall(['python3', 'python3-venv'])
    }
    const python = findPython()
    if (!python) {
      throw new Missing(
        'The models of the tests are made on this machine by a Python program.\n' +
          '  Install Python 3.11 or newer from https://python.org, or uv from https://docs.astral.sh/uv, and run this again.',
      )
    }
    say('installing it under .cache')
    const reason = await installUv(python)
    if (reason) throw new Missing(`uv is needed for making the models of the tests, and could not be installed.\n${reason}`)
    return { state: 'installed', value: ownUv }
  })
}
