// The parts of `npm test`: what each needs and how it runs.
import os from 'node:os'
import path from 'node:path'
import { ensureBuild } from './build.mjs'
import { ensureChromium } from './chromium.mjs'
import { binary, run } from './command.mjs'
import { ensureExample } from './example.mjs'
import { ensureFirefox } from './firefox.mjs'
import { ensureTestModels } from './model.mjs'
import { root } from './paths.mjs'
import { countJUnit, countRun, countVitest, reportFile } from './reports.mjs'
import { ensureUv, findUv } from './uv.mjs'
import { ensureWebKit } from './webkit.mjs'

/**
 * @typedef {import('./reports.mjs').Counts} Counts
 * @typedef {object} Suite
 * @property {string} name
 * @property {string} what
 * @property {() => Promise<string[]>} prepare Installs and builds; returns what will not run, and why.
 * @property {(filters: string[]) => Promise<Counts>} run
 */

/**
 * @param {string} name @param {string[]} projects @param {string[]} options
 * @returns {(filters: string[]) => Promise<Counts>}
 */
function vitest(name, projects, options = []) {
  return async (filters) => {
    const file = reportFile(`${name}.json`)
    const { code } = await run(process.execPath, [
      binary('vitest'), 'run', ...filters, ...projects.flatMap((project) => ['--project', project]), ...options,
      '--reporter=default', '--reporter=json', `--outputFile.json=${file}`,
    ])
    return countRun(file, (text) => countVitest(JSON.parse(text)), code)
  }
}

const everything = async () => {
  await ensureTestModels()
  await ensureBuild()
}

/** @type {Suite[]} */
export const suites = [
  {
    name: 'check',
    what: 'types, lint, dead code, package, sizes, public API',
    prepare: async () => {
      await ensureBuild()
      return []
    },
    run: async () => {
      const file = reportFile('check.json')
      const { code } = await run(process.execPath, [path.join(root, 'scripts/check.mjs'), '--report', file])
      return countRun(file, (text) => JSON.parse(text), code)
    },
  },
  {
    name: 'unit',
    what: 'each layer alone, in Node and jsdom',
    prepare: async () => {
      // For the real tokenizer.
      await ensureTestModels()
      return []
    },
    // By default one processor stays free: half of a small machine.
    run: vitest('unit', ['unit', 'dom'], [`--maxWorkers=${os.availableParallelism()}`]),
  },
  {
    name: 'integration',
    what: 'real models in Node',
    prepare: async () => {
      await everything()
      return []
    },
    run: vitest('integration', ['integration']),
  },
  {
    name: 'browser',
    what: 'real models in Chromium, WASM and WebGPU',
    prepare: async () => {
      await everything()
      await ensureChromium()
      return []
    },
    run: vitest('browser', ['browser']),
  },
  {
    name: 'stories',
    what: 'every story, with its interaction test',
    prepare: async () => {
      await everything()
      await ensureChromium()
      return []
    },
    run: vitest('stories', ['storybook']),
  },
  {
    name: 'e2e',
    what: 'the example app in Chromium, Firefox and WebKitGTK',
    prepare: async () => {
      await everything()
      await ensureExample('square-color')
      await ensureChromium()
      const reasons = [await ensureFirefox(), await ensureWebKit()]
      return reasons.filter((reason) => reason !== undefined)
    },
    run: vitest('e2e', ['e2e']),
  },
  {
    name: 'pipeline',
    what: 'the Python project',
    prepare: async () => {
      if (process.env['CI']) await ensureUv()
      // The whole run verifies its model with the built engine.
      await ensureBuild()
      return findUv() ? [] : ['uv is not installed (https://docs.astral.sh/uv)']
    },
    run: async () => {
      const uv = findUv()
      if (!uv) return { passed: 0, failed: 0, skipped: 0 }
      const file = reportFile('pipeline.xml')
      const groups = ['test', 'train', 'upload'].flatMap((group) => ['--group', group])
      const parallel = ['-n', 'auto', '--maxprocesses', '4', '--dist', 'loadfile']
      const { code } = await run(uv, ['run', ...groups, 'pytest', '-q', ...parallel, `--junitxml=${file}`], { cwd: path.join(root, 'pipeline') })
      return countRun(file, countJUnit, code)
    },
  },
]
