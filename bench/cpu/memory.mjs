// Memory of each side by itself, with its model loaded and 1,000 tokens of context.
import { inFreshPage, sideURL } from '../page.mjs'
import { promptOf } from '../prompts.mjs'
import { pageProcessMemory } from './processMemory.mjs'

// Makes about 1,000 tokens.
const SENTENCES = 48

/**
 * @typedef {{ promptTokens: number, wasmBytes?: number, processBytes?: number }} SideMemory `wasmBytes`: of WebAssembly
 *   memories, where the side tells
 *
 * @param {string} url
 * @param {Record<string, import('../rounds.mjs').SideSetup>} sides
 * @returns {Promise<Record<string, SideMemory>>}
 */
export async function measureMemory(url, sides) {
  const measured = {}
  for (const [name, side] of Object.entries(sides)) {
    measured[name] = await inFreshPage(sideURL(url, side), async (page, browser) => {
      await page.evaluate(() => window.bench.opened())
      const { promptTokens, memoryBytes: wasmBytes } = await page.evaluate((...args) => window.bench.generate(...args), promptOf(SENTENCES)(0), 4)
      return { promptTokens, wasmBytes, processBytes: pageProcessMemory(browser.process().pid)?.bytes }
    })
    const { promptTokens, wasmBytes = NaN, processBytes = NaN } = measured[name]
    console.log(`memory, ${name}: ${promptTokens} tokens, WebAssembly ${(wasmBytes / 1e6).toFixed(0)} MB, process ${(processBytes / 1e6).toFixed(0)} MB`)
  }
  return measured
}
