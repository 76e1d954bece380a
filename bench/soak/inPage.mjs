// Cycles in a page of Chromium.
import { processesOf, residentBytes } from '../cpu/processMemory.mjs'
import { inFreshPage } from '../page.mjs'

/**
 * @param {object} options
 * @param {string} options.url
 * @param {object} options.config of the engine
 * @param {number} options.cycles
 * @param {number} options.every cycles between two samples
 * @param {boolean} options.stays whether one model stays, and only answers are repeated
 * @returns {Promise<{ backend: string, samples: import('./drift.mjs').Sample[] }>}
 */
export function soakPage({ url, config, cycles, every, stays }) {
  return inFreshPage(url, async (page, browser) => {
    const inPage = await page.createCDPSession()
    const samples = []
    let backend = ''
    await page.evaluate((given) => window.begin(given), config)
    for (let cycle = 0; cycle < cycles; cycle++) {
      const isSampled = cycle % every === every - 1
      if (cycle === 0 || !stays) backend = await page.evaluate((number) => window.cycle.run(number), cycle)
      const { wasmBytes } = await page.evaluate(() => window.cycle.turn())
      // The engine's worker is the first; the others are its threads.
      const workerHeap = isSampled ? await heapOf(page.workers()[0].client) : undefined
      if (!stays) {
        await page.evaluate((number) => window.cycle.unload(number), cycle)
        await untilNone(() => page.workers().length)
      }
      if (!isSampled) continue
      const pageHeap = await heapOf(inPage)
      const processBytes = Math.max(...processesOf(browser.process().pid, 'renderer').map(residentBytes))
      samples.push({ cycle, pageHeap, workerHeap, wasmBytes, processBytes, ...(await page.evaluate(() => window.stored())) })
    }
    return { backend, samples }
  })
}

/** Bytes in use after garbage collection, array buffers included. */
async function heapOf(client) {
  await client.send('HeapProfiler.collectGarbage')
  const { usedSize, backingStorageSize = 0 } = await client.send('Runtime.getHeapUsage')
  return usedSize + backingStorageSize
}

async function untilNone(count) {
  const deadline = Date.now() + 20_000
  while (count() > 0) {
    if (Date.now() > deadline) throw new Error(`${count()} workers are alive after the model was unloaded`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
