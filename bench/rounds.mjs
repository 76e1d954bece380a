// Rounds of requests: all sides sit in one page and take turns, so that what else the machine does hits all alike.
import { inFreshPage } from './page.mjs'

/**
 * @typedef {{ loader: 'engine' | 'transformers' | 'wllama', setup: import('./page/main.js').Setup }} SideSetup
 * @typedef {{ loadMs: number, about: string, requests: import('./page/main.js').Figures[] }} SideRound
 * @typedef {Record<string, SideRound[]>} Rounds by side; the requests of one index ran one after the other
 */

/**
 * Plays rounds, each in a fresh browser. Who begins changes.
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
  for (let round = 0; round < rounds; round++) {
    const turn = round % names.length
    const order = [...names.slice(turn), ...names.slice(0, turn)]
    const results = await inFreshPage(url, async (page) => {
      /** @type {Record<string, SideRound>} */
      const results = {}
      const ask = (name, number) => page.evaluate((...args) => window.generate(...args), name, prompt(number), tokens)
      for (const name of order) {
        const { loader, setup } = sides[name]
        const loaded = await page.evaluate((...args) => window.load(...args), name, loader, setup)
        results[name] = { ...loaded, requests: [await ask(name, 0)] }
      }
      for (let request = 1; request < requests; request++) {
        for (const name of request % 2 === 0 ? order : order.toReversed()) results[name].requests.push(await ask(name, request))
      }
      return results
    })
    for (const name of names) {
      played[name].push(results[name])
      const rates = results[name].requests.map(({ prefill, decode }) => `${prefill.toFixed(0)}/${decode.toFixed(1)}`)
      console.log(`round ${round + 1}, ${name} (${results[name].about}): load ${results[name].loadMs.toFixed(0)} ms, prefill/decode tok/s ${rates.join(' ')}`)
    }
  }
  return played
}
