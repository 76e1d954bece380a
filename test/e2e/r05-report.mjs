// How often the model of the example chooses the right call: the three sentences of R0.5 and ways of saying the same.
//   node test/e2e/r05-report.mjs [--browser chromium,firefox,webkit] [--model /models/x] [--json file]
// Without --model it is the embedded one.
// The example must be built: npm test -- --only e2e does that, or npm run example.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runnerImport } from 'vite'

/** @type {{ say: string, call: string, color?: string, required?: boolean }[]} */
const sentences = [
  { say: 'Change the color to blue', call: 'set_square_color', color: 'blue', required: true },
  { say: 'What color is the square?', call: 'get_square_color', required: true },
  { say: 'Make it red', call: 'set_square_color', color: 'red', required: true },
  { say: 'Set the square to green', call: 'set_square_color', color: 'green' },
  { say: 'I would like a blue square please', call: 'set_square_color', color: 'blue' },
  { say: 'Could you paint it green?', call: 'set_square_color', color: 'green' },
  { say: 'turn the square red', call: 'set_square_color', color: 'red' },
  { say: 'Tell me the current color', call: 'get_square_color' },
  { say: 'Which colour does the square have now?', call: 'get_square_color' },
]

const { values } = parseArgs({
  options: {
    browser: { type: 'string', default: 'chromium,firefox,webkit' },
    model: { type: 'string' },
    json: { type: 'string' },
  },
})
const { openBrowser } = (await runnerImport('./test/helpers/browsers/index.ts')).module
const { ask, serveSquareColor } = (await runnerImport('./test/helpers/squareColor.ts')).module

const minute = 60_000
const query = values.model ? `/?model=${encodeURIComponent(values.model)}` : '/'
const results = []

for (const name of values.browser.split(',')) {
  const server = await serveSquareColor({ isolated: name !== 'webkit' })
  const page = await openBrowser(name)
  console.log(`\n${name}`)
  try {
    for (const { say, call, color, required = false } of sentences) {
      // A fresh page each time: an earlier answer would help or hinder the next one.
      await page.goto(server.url + query)
      await page.waitFor(`document.querySelector('textarea')`, minute)
      const turn = await ask(page, say, 6 * minute)
      const first = turn.calls[0]
      const right = first?.name === call && first.state === 'output-available' && (!color || first.text.includes(color))
      const got = first ? first.text.replace(/\s+/g, ' ').slice(0, 70) : `no call: ${turn.text.replace(/\s+/g, ' ').slice(0, 60)}`
      results.push({ browser: name, say, required, right, got, seconds: turn.milliseconds / 1000 })
      console.log(`${right ? '✔' : '✘'} ${say.padEnd(40)} ${(turn.milliseconds / 1000).toFixed(1).padStart(6)} s  ${got}`)
    }
  } finally {
    await page.close()
    await server.close()
  }
  const mine = results.filter(({ browser }) => browser === name)
  const count = (/** @type {typeof mine} */ list) => `${list.filter(({ right }) => right).length} of ${list.length}`
  console.log(`  right: ${count(mine)}; of the three sentences: ${count(mine.filter(({ required }) => required))}`)
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)
