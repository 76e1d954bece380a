/** A turn as `core/hadamard.ts` does it, to the bit; without a factor, so that twice is times `turnedTogether`. */
function turned(x: ArrayLike<number>): Float32Array {
  const y = Float32Array.from(x)
  const block = turnedTogether(y.length)
  for (let step = 1; step < block; step *= 2) {
    for (let i = 0; i < y.length; i++) {
      if (i & step) continue
      const [a, b] = [y[i]!, y[i + step]!]
      y[i] = a + b
      y[i + step] = a - b
    }
  }
  return y
}

/** Elements that are turned together in a head of so many dimensions. */
function turnedTogether(headDim: number): number {
  const block = headDim & -headDim
  return block < 4 ? 1 : block
}

/** A query or key as the core keeps it, in double precision: turned, as integers up to `largest`, and turned back. */
export function keptTurned(x: Float32Array, largest: number): number[] {
  return turnedBack(kept(turned(x), largest))
}

/** A vector as integers up to `largest` times its scale. */
export function kept(x: Float32Array, largest: number): number[] {
  const max = x.reduce((max, v) => Math.max(max, Math.abs(v)), 0)
  const factor = Math.fround(largest / max)
  return Array.from(x, (v) => (nearestEven(Math.fround(v * factor)) * max) / largest)
}

/** What was turned, in double precision. */
export function turnedBack(x: readonly number[]): number[] {
  const block = turnedTogether(x.length)
  let y = [...x]
  for (let step = 1; step < block; step *= 2) y = y.map((v, i) => (i & step ? y[i - step]! - v : v + y[i + step]!))
  return y.map((v) => v / block)
}

/** Largest integer of a kept key, query and value. */
export const largest = {
  key: (headDim: number) => Math.min(32767, Math.floor((2 ** 31 - 1) / 4095 / headDim)),
  query: 4095,
  value: 4095,
}

function nearestEven(x: number): number {
  const rounded = Math.round(x)
  return rounded - x === 0.5 && rounded % 2 ? rounded - 1 : rounded
}
