// One thread of the benchmark, in Node or in a browser.
import { Passes } from './Passes.mjs'

const port = globalThis.process?.versions?.node ? (await import('node:worker_threads')).parentPort : globalThis
let passes
let gate
let thread
const cores = new Map()

/** All threads leave it together, awake. */
function meet(threads) {
  const turn = Atomics.load(gate, 1)
  if (Atomics.add(gate, 0, 1) + 1 === threads) {
    Atomics.store(gate, 0, 0)
    Atomics.add(gate, 1, 1)
  } else {
    while (Atomics.load(gate, 1) === turn);
  }
}

const answers = {
  async setUp({ memory, modules, maxTokens, threads, gate: shared, thread: index }) {
    gate = shared
    thread = index
    passes = new Passes({ memory, maxTokens, thread, threads })
    for (const [name, module] of Object.entries(modules)) {
      cores.set(name, (await WebAssembly.instantiate(module, { env: { memory, barrier() {} } })).exports)
    }
  },
  /** Milliseconds of `reps` passes, each. */
  time({ build, count, head, threads, reps }) {
    if (thread >= threads) return []
    passes.use(cores.get(build))
    return Array.from({ length: reps }, () => {
      meet(threads)
      const started = performance.now()
      passes.run(count, head)
      return performance.now() - started
    })
  },
}

async function receive(message) {
  const { id, name, ...rest } = message
  port.postMessage({ id, answer: await answers[name](rest) })
}
if (port.on) port.on('message', receive)
else port.onmessage = ({ data }) => receive(data)
