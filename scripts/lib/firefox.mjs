// Finds Firefox, or installs it.
import { existsSync } from 'node:fs'
import { aptInstall, hasBrowserPackages } from './apt.mjs'
import { step } from './step.mjs'

const knownPaths = {
  linux: ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/snap/bin/firefox'],
  darwin: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
  win32: ['C:\\Program Files\\Mozilla Firefox\\firefox.exe'],
}

/** Path of a Firefox on this machine: `FIREFOX_PATH` or a known place. */
export function findFirefox() {
  const known = knownPaths[/** @type {keyof typeof knownPaths} */ (process.platform)] ?? []
  return [process.env['FIREFOX_PATH'], ...known].find((candidate) => candidate && existsSync(candidate))
}

/** Finds Firefox or installs it by apt. The value is why there is none, if there is none. */
export function ensureFirefox() {
  return step('Firefox', async (say) => {
    const found = findFirefox()
    if (found) return { state: found }
    if (!hasBrowserPackages()) return notThere('Firefox is not installed (set FIREFOX_PATH if it is).')
    say('installing Debian’s firefox-esr')
    const reason = await aptInstall(['firefox-esr'])
    const installed = findFirefox()
    return installed ? { state: `installed, ${installed}` } : notThere(reason ?? 'apt-get installed firefox-esr, but it is in none of the known places.')
  })
}

/** @param {string} reason */
const notThere = (reason) => ({ state: `not here, its tests will not run: ${reason}`, value: reason })
