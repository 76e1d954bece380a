// Whether something grows, and by how much a cycle.
import { median } from '../median.mjs'

/**
 * @typedef {{ cycle: number, [figure: string]: number | undefined }} Sample
 * @typedef {{ figure: string, first: number, last: number, slope: number, most: number, isFlat: boolean }} Drift
 *   `first`, `last`: medians of the first and the last third of what counts; `slope`: growth a cycle; `most`: what it may be
 */

/** Most growth a cycle, in bytes or files. Each lost model, worker, session or answer would be far above. */
export const bounds = {
  /** JavaScript of the page, after garbage collection. */
  pageHeap: 2_000,
  /** JavaScript of the worker that holds the model, likewise. */
  workerHeap: 4_000,
  /** WebAssembly memory of the worker. */
  wasmBytes: 2_000,
  /** The process: allocators and caches make it waver by megabytes. */
  processBytes: 100_000,
  storedBytes: 1_000,
  storedFiles: 0.02,
}

/**
 * Growth over the last two thirds of a run: in the first one code is compiled and caches fill.
 * The slope is the median of those between all pairs of samples (Theil and Sen), which single outliers do not bend.
 * @param {readonly Sample[]} samples in order
 * @returns {Drift[]} of every figure that there is a bound for and that was measured
 */
export function driftsOf(samples) {
  const counted = samples.slice(Math.floor(samples.length / 3))
  return Object.entries(bounds).flatMap(([figure, most]) => {
    const points = counted.flatMap(({ cycle, [figure]: value }) => (value === undefined ? [] : [{ cycle, value }]))
    if (points.length < 3) return []
    const slope = median(points.flatMap((a, i) => points.slice(i + 1).map((b) => (b.value - a.value) / (b.cycle - a.cycle))))
    const third = Math.ceil(points.length / 3)
    const middle = (part) => median(part.map(({ value }) => value))
    return [{ figure, first: middle(points.slice(0, third)), last: middle(points.slice(-third)), slope, most, isFlat: slope <= most }]
  })
}

/** As Markdown. @param {readonly Drift[]} drifts */
export function driftTable(drifts) {
  const told = (figure, value) => (figure === 'storedFiles' ? value.toFixed(2) : `${(value / 1e6).toFixed(3)} MB`)
  const slope = (figure, value) => (figure === 'storedFiles' ? value.toFixed(3) : `${(value / 1e3).toFixed(2)} kB`)
  const lines = drifts.map(({ figure, first, last, slope: by, most, isFlat }) => [figure, told(figure, first), told(figure, last), slope(figure, by), slope(figure, most), isFlat ? 'yes' : 'NO'])
  const head = ['', 'early', 'late', 'growth a cycle', 'at most', 'flat']
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
