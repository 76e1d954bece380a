// A run's figures as files: JSON, and a page with plots.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { chart } from './chart.mjs'
import { passesOf, rowsOf } from './goals.mjs'

/**
 * @typedef {object} Result
 * @property {string} machine
 * @property {'wasm' | 'webgpu'} device
 * @property {number} threads
 * @property {Record<string, string>} taken when a scenario was measured, in ISO form
 * @property {Record<string, number>} load of the machine when that was done: processes that want to run, the largest of it
 * @property {import('./goals.mjs').Measured} measured
 * @property {ReturnType<typeof rowsOf>} rows
 * @property {ReturnType<typeof passesOf>} passes
 *
 * @typedef {Omit<Result, 'measured'>} Published
 */

/** What an earlier run left in `file` and this one does not measure anew. @param {string} file @param {Pick<Result, 'machine' | 'device' | 'threads'>} setup */
export function earlier(file, { machine, device, threads }) {
  const nothing = { taken: {}, load: {}, measured: {} }
  if (!existsSync(file)) return nothing
  const result = JSON.parse(readFileSync(file, 'utf8'))
  const isComparable = result.machine === machine && result.device === device && result.threads === threads
  return isComparable ? { taken: result.taken, load: result.load ?? {}, measured: result.measured } : nothing
}

/** @param {Omit<Result, 'rows' | 'passes'>} init @returns {Result} */
export function resultOf(init) {
  return { ...init, rows: rowsOf(init.measured, init.device), passes: passesOf(init.measured) }
}

/**
 * Writes the figures alone, for the repository: what the stories show. A module, as every tool reads it without settings.
 * @param {string} file
 * @param {Result} result
 */
export function publish(file, { machine, device, threads, taken, load, rows, passes }) {
  mkdirSync(path.dirname(file), { recursive: true })
  const figures = { machine, device, threads, taken, load, passes, rows }
  const head = `// Written by npm run bench${device === 'webgpu' ? ' -- --device webgpu' : ' --'} --publish.\n/** @type {import('../compare/report.mjs').Published} */\n`
  writeFileSync(file, `${head}export const figures = ${JSON.stringify(figures, null, 1)}\n`)
}

/** Writes `file` and beside it the same as a page. @param {string} file @param {Result} result */
export function writeResult(file, result) {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`)
  writeFileSync(file.replace(/(\.json)?$/, '.html'), pageOf(result))
}

/** @param {Result} result */
function pageOf({ machine, device, threads, taken, load, rows }) {
  const days = [...new Set(Object.values(taken).map((time) => time.slice(0, 10)))].join(', ')
  const style = 'body{font-family:system-ui,sans-serif;max-inline-size:760px;margin:2rem auto;padding-inline:1rem;color-scheme:light dark}'
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>react-edge-llm beside others</title>
<style>${style}</style>
<h1>react-edge-llm beside others</h1>
<p>${machine}; ${device}, ${threads} threads; ${days}; load of the machine up to ${Math.max(0, ...Object.values(load)).toFixed(1)}. Medians; how many times better ours is, as the median over neighbours.</p>
${chart(rows)}
</html>
`
}
