// Part of npm run check: the public API against its snapshot. --update writes the snapshot anew.
import { parseArgs } from 'node:util'
import { compareApi } from './lib/apiSnapshot.mjs'

const { values } = parseArgs({ options: { update: { type: 'boolean', default: false } } })
const problems = compareApi(values)
for (const problem of problems) console.error(problem)
if (problems.length > 0) {
  console.error('If the change is meant, run: npm run check -- --update')
  process.exitCode = 1
}
