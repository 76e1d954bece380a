// Finds Firefox, or installs it.
import { existsSync } from 'node:fs'

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
