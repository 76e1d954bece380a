// Debian's package manager, for machines where we may use it: containers and CI, as root.
import { existsSync, readFileSync } from 'node:fs'
import { run } from './command.mjs'

/** The distribution's id, `debian` or `ubuntu` for instance. */
function distribution() {
  const file = '/etc/os-release'
  return existsSync(file) ? /^ID="?([^"\n]*)/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined
}

/** Whether packages can be installed here without asking anyone. */
export function canUseApt() {
  return process.getuid?.() === 0 && ['debian', 'ubuntu'].includes(distribution() ?? '') && existsSync('/usr/bin/apt-get')
}

/** Ubuntu's `chromium` and `firefox` packages only point to snaps, which containers cannot run. */
export function hasBrowserPackages() {
  return canUseApt() && distribution() === 'debian'
}

/**
 * Installs packages; returns why it could not, or undefined where it did.
 * @param {string[]} packages
 */
export async function aptInstall(packages) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const update = await run('apt-get', ['update', '-qq'], { env, quiet: true })
  if (update.code !== 0) return `apt-get update failed:\n${update.output}`
  const install = await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env, quiet: true })
  return install.code === 0 ? undefined : `apt-get install ${packages.join(' ')} failed:\n${install.output}`
}
