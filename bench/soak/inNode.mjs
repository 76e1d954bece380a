// Cycles in this process, which keeps models in a folder of its own. node bench/soak/inNode.mjs OPTIONS, as JSON
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Cycle } from './Cycle.js'

const { config, cycles, every, stays } = JSON.parse(process.argv[2])

const cache = mkdtempSync(path.join(tmpdir(), 'soak-'))
process.env.XDG_CACHE_HOME = process.env.LOCALAPPDATA = cache

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

try {
  const cycle = new Cycle(await import('../../dist/engine/index.node.js'), config)
  const samples = []
  let backend = ''
  for (let number = 0; number < cycles; number++) {
    if (number === 0 || !stays) backend = await cycle.run(number)
    await cycle.turn()
    if (!stays) await cycle.unload(number)
    if (number % every !== every - 1) continue
    collectGarbage()
    const { heapUsed, external, rss } = process.memoryUsage()
    samples.push({ cycle: number, pageHeap: heapUsed + external, processBytes: rss, ...stored() })
  }
  await cycle.unload(4)
  process.send({ backend, samples })
} finally {
  rmSync(cache, { recursive: true, force: true })
}

function stored() {
  const files = readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const storedBytes = files.reduce((sum, { parentPath, name }) => sum + statSync(path.join(parentPath, name)).size, 0)
  return { storedBytes, storedFiles: files.length }
}
