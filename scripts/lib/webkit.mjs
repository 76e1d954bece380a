// Finds WebKitGTK with its WebDriver, or installs it.
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { aptInstall, canUseApt } from './apt.mjs'
import { step } from './step.mjs'

const driver = '/usr/bin/WebKitWebDriver'
const xvfb = '/usr/bin/xvfb-run'

/** Folders of /usr/lib in which distributions keep MiniBrowser: one per architecture and API version. */
function miniBrowsers() {
  const libraries = ['/usr/lib', '/usr/libexec'].filter((folder) => existsSync(folder))
  const folders = libraries.flatMap((folder) => [
    folder,
    ...readdirSync(folder).filter((name) => name.endsWith('-linux-gnu')).map((name) => path.join(folder, name)),
  ])
  return folders.flatMap((folder) =>
    ['webkit2gtk-4.1', 'webkitgtk-6.0', 'webkit2gtk-4.0'].map((version) => path.join(folder, version, 'MiniBrowser')),
  )
}

/**
 * The programs that a WebKitGTK test needs, where this machine has all of them.
 * @returns {{ driver: string, miniBrowser: string, xvfb: string } | undefined}
 */
export function findWebKit() {
  const miniBrowser = miniBrowsers().find((file) => existsSync(file))
  return miniBrowser && existsSync(driver) && existsSync(xvfb) ? { driver, miniBrowser, xvfb } : undefined
}

/** Finds WebKitGTK or installs it by apt. The value is why there is none, if there is none. */
export function ensureWebKit() {
  return step('WebKitGTK', async (say) => {
    const found = findWebKit()
    if (found) return { state: found.miniBrowser }
    if (!canUseApt()) return notThere('WebKitGTK with its WebDriver and xvfb is not installed (on Debian: webkit2gtk-driver xvfb).')
    say('installing webkit2gtk-driver and xvfb')
    const reason = await aptInstall(['webkit2gtk-driver', 'xvfb', 'xauth'])
    const installed = findWebKit()
    return installed ? { state: `installed, ${installed.miniBrowser}` } : notThere(reason ?? 'apt-get installed it, but it is in none of the known places.')
  })
}

/** @param {string} reason */
const notThere = (reason) => ({ state: `not here, its tests will not run: ${reason}`, value: reason })
