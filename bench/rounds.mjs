// Rounds of requests: sides take turns in one browser, and whoever's turn it is has a page of its own.
import { inFreshPages, sideURL } from './page.mjs'

/**
 * @typedef {{ loader: 'engine' | 'transformers' | 'wllama', setup: import('./page/main.js').Setup }} SideSetup
 * @typedef {{ loadMs: number, about: string, requests: import('./page/main.js').Figures[] }} SideRound
 * @typedef {Record<string, SideRound[]>} Rounds by side; rounds of one index are neighbours
 */

/**
 * Plays rounds. In each one every side gets a page with nothing else in it: what others leave behind (threads, memory)
 * is theirs alone, as it is in a user's page. Who begins changes.
 * @param {object} options
 * @param {string} options.url
 * @param {Record<string, SideSetup>} options.sides
 * @param {number} options.rounds
 * @param {number} options.requests of each side in a round; the first one comes right after its load, when code is still compiled
 * @param {(number: number) => string} options.prompt
 * @param {number} options.tokens
 * @returns {Promise<Rounds>}
 */
export async function playRounds({ url, sides, rounds, requests, prompt, tokens }) {
  const names = Object.keys(sides)
  /** @type {Rounds} */
  const played = Object.fromEntries(names.map((name) => [name, []]))
  await inFreshPages(async (withPage) => {
    for (let round = 0; round < rounds; round++) {
      const turn = round % names.length
      for (const name of [...names.slice(turn), ...names.slice(0, turn)]) {
        const result = await withPage(sideURL(url, sides[name]), async (page) => {
          const loaded = await page.evaluate(() => window.bench.opened())
          const answered = []
          for (let request = 0; request < requests; request++) {
            answered.push(await page.evaluate((...args) => window.bench.generate(...args), prompt(request), tokens))
          }
          return { ...loaded, requests: answered }
        })
        played[name].push(result)
        const rates = result.requests.map(({ prefill, decode }) => `${prefill.toFixed(0)}/${decode.toFixed(1)}`)
        console.log(`round ${round + 1}, ${name} (${result.about}): load ${result.loadMs.toFixed(0)} ms, prefill/decode tok/s ${rates.join(' ')}`)
      }
    }
  })
  return played
}
