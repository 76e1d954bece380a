// npm test: runs every test, after installing whatever they need. Heavy suites run one after another.
//   --only a,b   some of: check, unit, integration, browser, stories, e2e, pipeline
//   anything else goes to Vitest: npm test -- --only unit src/chat -t abort
import { ensureDependencies } from './lib/dependencies.mjs'
import { ensureNode } from './lib/node.mjs'
import { main, Missing, seconds } from './lib/step.mjs'
import { suites } from './lib/suites.mjs'

/** @typedef {import('./lib/suites.mjs').Suite} Suite */

/** @param {string[]} args */
function readArguments(args) {
  const at = args.indexOf('--only')
  return at < 0 ? { only: undefined, rest: args } : { only: args[at + 1] ?? '', rest: args.toSpliced(at, 2) }
}

/** @param {string | undefined} only */
function choose(only) {
  const names = only?.split(',') ?? suites.map(({ name }) => name)
  const unknown = names.filter((name) => !suites.some((suite) => suite.name === name))
  if (unknown.length > 0) {
    throw new Missing(`There is no part '${unknown.join("', '")}'. Parts: ${suites.map(({ name }) => name).join(', ')}.`)
  }
  return suites.filter(({ name }) => names.includes(name))
}

/** @param {Suite} suite @param {string[]} filters */
async function runSuite(suite, filters) {
  const started = performance.now()
  console.log(`\n── ${suite.name}: ${suite.what} ──`)
  let counts = { passed: 0, failed: 0, skipped: 0 }
  /** @type {string[]} */
  let missing = []
  try {
    missing = await suite.prepare()
    counts = await suite.run(filters)
    // On a developer's machine a browser may be missing; in CI that would hide a broken product.
    if (process.env['CI']) counts.failed += missing.length
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    missing = [error.message]
    counts.failed += 1
  }
  for (const reason of missing) console.log(`✘ not run: ${reason}`)
  return { suite, counts, missing, took: performance.now() - started }
}

await main(async () => {
  const { only, rest } = readArguments(process.argv.slice(2))
  const chosen = choose(only)
  await ensureNode()
  await ensureDependencies()

  const results = []
  for (const suite of chosen) results.push(await runSuite(suite, rest))

  const total = { passed: 0, failed: 0, skipped: 0 }
  console.log('\n── summary ──')
  for (const { suite, counts, missing, took } of results) {
    total.passed += counts.passed
    total.failed += counts.failed
    total.skipped += counts.skipped
    const figures = `${String(counts.passed).padStart(5)} passed ${String(counts.failed).padStart(4)} failed ${String(counts.skipped).padStart(4)} skipped`
    console.log(`${counts.failed > 0 ? '✘' : '✔'} ${suite.name.padEnd(12)}${figures}  ${seconds(took)}`)
    for (const reason of missing) console.log(`    not run: ${reason.split('\n')[0]}`)
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1
})
