// node scripts/cases.mjs <file or folder>… --out cases.jsonl: hand-written requests (pipeline/data) as cases for `react-edge-llm eval`.
//   --kind a,b   only these kinds
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { main, Missing } from './lib/step.mjs'
import { toCases } from './lib/cases.mjs'

/** @param {string} entry @returns {string[]} */
function jsonFiles(entry) {
  const stats = statSync(entry, { throwIfNoEntry: false })
  if (!stats) throw new Missing(`There is no file or folder ${entry}.`)
  if (stats.isFile()) return [entry]
  return readdirSync(entry, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => path.join(entry, name))
}

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: { type: 'string' }, kind: { type: 'string' } },
  })
  if (values.out === undefined || positionals.length === 0) {
    throw new Missing('Say: node scripts/cases.mjs pipeline/data/dev --out cases.jsonl [--kind single,negation]')
  }
  const kinds = values.kind?.split(',')
  const cases = positionals
    .flatMap(jsonFiles)
    .flatMap((file) => toCases(JSON.parse(readFileSync(file, 'utf8'))))
    .filter(({ category }) => kinds?.includes(category) ?? true)
  writeFileSync(values.out, cases.map((item) => `${JSON.stringify(item)}\n`).join(''))
  console.log(`${cases.length} cases in ${values.out}`)
})
