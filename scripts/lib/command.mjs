// Runs other programs.
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './paths.mjs'
import { Missing } from './step.mjs'

/**
 * Runs a program in the repository's root, its output shown as it comes.
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, cwd?: string, quiet?: boolean }} [options] `quiet` shows the output only after a failure
 * @returns {Promise<{ code: number, output: string }>} `output` is empty unless `quiet`
 */
export function run(program, args, { env, cwd = root, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32' && !path.isAbsolute(program),
    })
    let output = ''
    child.stdout?.on('data', (data) => (output += data))
    child.stderr?.on('data', (data) => (output += data))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/**
 * Like {@link run}, but anything except success ends the script with `help`.
 * @param {string} program
 * @param {string[]} args
 * @param {Parameters<typeof run>[2] & { help: string }} options
 */
export async function runOrExplain(program, args, { help, ...options }) {
  const { code, output } = await run(program, args, options).catch((error) => ({ code: 1, output: String(error) }))
  if (code !== 0) throw new Missing(`${help}\n  The command was: ${[program, ...args].join(' ')} (exit status ${code})\n${output}`)
}

/** Whether `program` can be started on this machine. @param {string} program @param {string[]} [args] */
export function works(program, args = ['--version']) {
  return spawnSync(program, args, { stdio: 'ignore', shell: process.platform === 'win32' }).status === 0
}

/** Runs npm: the one that started this script where there is one. @param {string[]} args */
export function npmCommand(args) {
  const cli = process.env['npm_execpath']
  return cli?.endsWith('.js') ? { program: process.execPath, args: [cli, ...args] } : { program: 'npm', args }
}

/**
 * The file behind a package's command, to be run by Node itself: works the same on every platform.
 * @param {string} name @param {string} [command]
 */
export function binary(name, command = name) {
  const folder = path.join(root, 'node_modules', name)
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  return path.join(folder, typeof bin === 'string' ? bin : bin[command])
}
