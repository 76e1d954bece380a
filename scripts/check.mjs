// npm run check: everything about the source that can be checked without running the product.
//   --update       write the public API snapshot anew
//   --report FILE  counts as JSON
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuild } from './lib/build.mjs'
import { binary, npmCommand, run } from './lib/command.mjs'
import { ensureDependencies } from './lib/dependencies.mjs'
import { ensureNode } from './lib/node.mjs'
import { root } from './lib/paths.mjs'
import { main, seconds } from './lib/step.mjs'

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {string} what
 * @property {() => string[]} [command] run by Node
 * @property {string[]} [npm] run by npm
 */

/** @param {boolean} update @returns {Check[]} */
const checks = (update) => [
  { name: 'lint', what: 'eslint, with the import direction', command: () => [binary('eslint'), '.', '--max-warnings', '0'] },
  { name: 'types', what: 'tsc', command: () => [binary('typescript', 'tsc'), '--noEmit'] },
  { name: 'script types', what: 'tsc on scripts', command: () => [binary('typescript', 'tsc'), '-p', 'scripts'] },
  { name: 'dead code', what: 'knip', command: () => [binary('knip'), '--no-progress'] },
  { name: 'lock file', what: 'npm ci, dry', npm: ['ci', '--dry-run', '--ignore-scripts'] },
  { name: 'package', what: 'publint', command: () => [binary('publint'), 'run', '--strict'] },
  {
    name: 'package types',
    what: 'are the types wrong',
    command: () => [
      binary('@arethetypeswrong/cli', 'attw'), '--pack', '.', '--profile', 'esm-only', '--no-emoji',
      '--exclude-entrypoints', './components/styles.css',
    ],
  },
  { name: 'size', what: 'size-limit', command: () => [binary('size-limit')] },
  {
    name: 'public API',
    what: 'test/api',
    command: () => [path.join(root, 'scripts/api.mjs'), ...(update ? ['--update'] : [])],
  },
]

/** @param {Check} check */
function runCheck({ command, npm }) {
  const { program, args } = npm ? npmCommand(npm) : { program: process.execPath, args: command?.() ?? [] }
  return run(program, args, { quiet: true, env: { FORCE_COLOR: '0' } })
}

/** Two at a time: what a small machine has room for. @param {Check[]} list */
async function runAll(list) {
  /** @type {{ name: string, what: string, ok: boolean, output: string, took: number }[]} */
  const results = []
  const waiting = [...list]
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const started = performance.now()
      const { code, output } = await runCheck(check)
      results.push({ name: check.name, what: check.what, ok: code === 0, output, took: performance.now() - started })
    }
  }
  await Promise.all([work(), work()])
  return list.flatMap(({ name }) => results.filter((result) => result.name === name))
}

await main(async () => {
  const { values } = parseArgs({ options: { update: { type: 'boolean', default: false }, report: { type: 'string' } } })
  await ensureNode()
  await ensureDependencies()
  await ensureBuild()
  const results = await runAll(checks(values.update))

  for (const { name, ok, output } of results) if (!ok) console.log(`\n── ${name} ──\n${output.trim()}`)
  console.log()
  for (const { name, what, ok, took } of results) {
    console.log(`${ok ? '✔' : '✘'} ${name.padEnd(14)} ${what.padEnd(36)} ${seconds(took)}`)
  }
  const failed = results.filter(({ ok }) => !ok).length
  if (values.report) writeFileSync(values.report, JSON.stringify({ passed: results.length - failed, failed, skipped: 0 }))
  if (failed > 0) process.exitCode = 1
})
