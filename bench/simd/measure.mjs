// Rounds of timings: builds take turns, so that what else the machine does hits all alike.
import { Threads } from './Threads.mjs'

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

/**
 * Milliseconds a pass, the median and the fastest one: `[{ threads, count, head, build, ms, fastest }]`.
 * @param {() => Worker} start
 * @param {{ binaries: Record<string, Uint8Array>, counts: number[], threads: number[], rounds: number }} options
 */
export async function measure(start, { binaries, counts, threads, rounds }) {
  const modules = {}
  for (const [name, bytes] of Object.entries(binaries)) {
    if (WebAssembly.validate(bytes)) modules[name] = await WebAssembly.compile(bytes)
  }
  const most = Math.max(...threads)
  const pool = await Threads.start(start, { modules, maxTokens: Math.max(...counts), threads: most })
  // V8 compiles a second time, better, while the first code runs.
  for (const build of Object.keys(modules)) {
    for (const count of [1, 4]) await pool.time({ build, count, head: true, threads: most, reps: 3 })
  }
  const rows = []
  for (const of of threads) {
    for (const count of counts) {
      // The head of many tokens is asked for only where all their probabilities are.
      for (const head of count === 1 ? [true, false] : count <= 8 ? [true, false] : [false]) {
        const times = Object.fromEntries(Object.keys(modules).map((build) => [build, []]))
        for (let round = 0; round < rounds; round++) {
          for (const build of Object.keys(modules)) {
            times[build].push(...(await pool.time({ build, count, head, threads: of, reps: count > 8 ? 1 : 3 })))
          }
        }
        for (const [build, values] of Object.entries(times)) {
          rows.push({ threads: of, count, head, build, ms: median(values), fastest: Math.min(...values) })
        }
      }
    }
  }
  pool.stop()
  return rows
}
