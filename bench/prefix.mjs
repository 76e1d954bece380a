// What reuse is worth on the SIMD core in Node: the first turn after a restart with and without the stored prefix, and the
// second turn of a long chat. `npm run build && node bench/prefix.mjs [--rounds 3] [--words 1300]`
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { median } from './median.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, words: { type: 'string', default: '1300' } } })
const root = path.join(import.meta.dirname, '..')

// Models and prefixes are kept here, and nowhere else.
const cache = mkdtempSync(path.join(tmpdir(), 'bench-prefix-'))
process.env.XDG_CACHE_HOME = process.env.LOCALAPPDATA = cache
const { createEngine } = await import('../dist/engine/index.node.js')

const rooms = { type: 'string', enum: ['kitchen', 'bedroom', 'office', 'hall'] }
const tools = ['light', 'door', 'heating', 'music', 'timer', 'window'].map((name) => ({
  name: `set_${name}`,
  description: `Change the ${name} of a room in the house, at once or later`,
  inputSchema: { type: 'object', properties: { room: rooms, state: { type: 'string', enum: ['on', 'off'] } }, required: ['room', 'state'] },
}))
const house = [
  { role: 'system', content: 'You are the assistant of a house.' },
  { role: 'user', content: 'Turn off the light in the kitchen' },
]
const words = 'The river runs past the old mill and the children play in the meadow. '.repeat(Math.ceil(Number(values.words) / 14))

/** Asks once; the process's own time is what a busy machine disturbs least. */
async function ask(engine, request, maxTokens) {
  const before = process.cpuUsage()
  let text = ''
  for await (const event of engine.generate({ ...request, maxTokens })) {
    if (event.type === 'text-delta') text += event.text
    if (event.type !== 'finish') continue
    const { user, system } = process.cpuUsage(before)
    const { promptTokens, reusedTokens, reusedFrom, timeToFirstTokenMs } = event.metrics
    return { text, promptTokens, reusedTokens, reusedFrom, firstTokenMs: timeToFirstTokenMs, cpuMs: (user + system) / 1000 }
  }
}

/** The same in an engine of its own, as after a restart. */
async function restarted(prefixCache, waitMs = 0) {
  const engine = createEngine({ models: { onnx: path.join(root, 'models/function-caller') }, cpuBackend: 'simd', threads: 1, prefixCache })
  await engine.load()
  const answer = await ask(engine, { messages: house, tools }, 1)
  await new Promise((resolve) => setTimeout(resolve, waitMs))
  engine.dispose()
  return answer
}

function report(name, cold, warm) {
  const of = (key) => [median(cold.map((run) => run[key])), median(warm.map((run) => run[key]))]
  for (const key of ['firstTokenMs', 'cpuMs']) {
    const [without, reused] = of(key)
    console.log(`${name}, ${key}: ${without.toFixed(0)} → ${reused.toFixed(0)}, ${(without / reused).toFixed(1)} ×`)
  }
  const { promptTokens, reusedTokens, reusedFrom } = warm[0]
  console.log(`  ${reusedTokens} of ${promptTokens} tokens from ${reusedFrom}`)
}

try {
  await restarted({}, 2000)
  const [cold, warm] = [[], []]
  for (let i = 0; i < Number(values.rounds); i++) {
    cold.push(await restarted({ persist: false }))
    warm.push(await restarted({}))
  }
  report('first turn after a restart', cold, warm)

  const engine = createEngine({ models: { onnx: path.join(root, 'models/function-caller') }, cpuBackend: 'simd', threads: 1, prefixCache: { persist: false } })
  const chat = [{ role: 'user', content: `${words} What is it about?` }]
  const first = await ask(engine, { messages: chat }, 1)
  chat.push({ role: 'assistant', content: first.text }, { role: 'user', content: 'And where is the mill?' })
  report('second turn of a long chat', [first], [await ask(engine, { messages: chat }, 1)])
  engine.dispose()
} finally {
  rmSync(cache, { recursive: true })
}
