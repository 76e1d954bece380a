// Compares the public API of every entry with the committed reports in test/api.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { apiReport } from './apiReport.mjs'
import { root } from './paths.mjs'

const folder = path.join(root, 'test/api')

/** Every entry with types in package.json: its name, its .d.ts and its report. */
function entries() {
  const { name, exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  return Object.entries(exports)
    .filter(([, target]) => typeof target.types === 'string')
    .map(([key, target]) => ({
      title: name + key.slice(1),
      types: path.join(root, target.types),
      report: `${key === '.' ? 'index' : key.slice(2).replaceAll('/', '-')}.api.md`,
    }))
}

/** The first line in which two reports differ. @param {string} before @param {string} now */
function firstDifference(before, now) {
  const [left, right] = [before.split('\n'), now.split('\n')]
  const line = right.findIndex((text, index) => text !== left[index])
  return line < 0 ? '(lines were removed at the end)' : `line ${line + 1}: ${left[line] ?? '(nothing)'} → ${right[line]}`
}

/**
 * What changed, in words; nothing where the reports are as committed. `update` writes them anew.
 * @param {{ update?: boolean }} [options]
 * @returns {string[]}
 */
export function compareApi({ update = false } = {}) {
  mkdirSync(folder, { recursive: true })
  const wanted = entries()
  const problems = []
  for (const { title, types, report } of wanted) {
    const file = path.join(folder, report)
    const now = apiReport(title, types)
    const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
    if (now === before) continue
    if (update) writeFileSync(file, now)
    else problems.push(`test/api/${report} is not what ${title} exports: ${firstDifference(before, now)}`)
  }
  for (const name of readdirSync(folder)) {
    if (wanted.some(({ report }) => report === name)) continue
    if (update) rmSync(path.join(folder, name))
    else problems.push(`test/api/${name} belongs to no entry`)
  }
  return problems
}
