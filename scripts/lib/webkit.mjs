// Finds WebKitGTK with its WebDriver, or installs it.
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

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
