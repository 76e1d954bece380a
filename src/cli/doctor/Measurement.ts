import { divergence } from '../../inference/numerics/divergence.js'
import { argmax } from '../../inference/sampling/Sampler.js'
import type { GraphValue } from './graphValues.js'
import type { TappedRun } from './TappedModel.js'
import { roundsToInfinity, type Agreement, type LayerFigures, type LayerRange, type Place } from './types.js'

/** Of one tensor, over all sequences so far. */
interface Figures {
  /** Largest finite magnitude. */
  largest: number
  isFinite: boolean
  /** Held in 16 bits, and infinite there or too large for them in the exact run. */
  overflows: boolean
  error: number
  size: number
}

/** How large a graph's values get, and how far they are from those of the most exact precision. */
export class Measurement {
  readonly #values: readonly GraphValue[]
  readonly #figures = new Map<string, Figures>()
  readonly #divergences: number[] = []
  #same = 0

  constructor(values: readonly GraphValue[]) {
    this.#values = values
  }

  /** @param exact the same tokens in the most exact precision; undefined for that one itself. */
  add(run: TappedRun, exact?: TappedRun): void {
    for (const [name, { data, isHalf }] of run.taps) this.#addTensor(name, data, isHalf, exact?.taps.get(name)?.data)
    if (exact) this.#addLogits(run, exact)
  }

  get agreement(): Agreement | null {
    const tokens = this.#divergences.length
    if (tokens === 0) return null
    const areNumbers = this.#divergences.every(Number.isFinite)
    const mean = this.#divergences.reduce((sum, each) => sum + each, 0) / tokens
    return { tokens, top1: this.#same / tokens, meanKl: areNumbers ? rounded(mean) : null, largestKl: areNumbers ? rounded(Math.max(...this.#divergences)) : null }
  }

  /** The first operator that overflows, gives no numbers or has an error over `limit`. */
  first(limit: number): Place | null {
    for (const value of this.#values) {
      const figures = this.#figures.get(value.tensor)
      if (!figures) continue
      const error = relativeError(figures)
      const kind = figures.overflows ? 'overflow' : !figures.isFinite ? 'not-finite' : (error ?? 0) > limit ? 'diverged' : undefined
      if (kind) return placeOf(kind, value, figures.largest, error)
    }
    return null
  }

  /** The first operator whose values 16 bits could not hold. */
  firstOver(): Place | null {
    const value = this.#values.find(({ tensor }) => (this.#figures.get(tensor)?.largest ?? 0) >= roundsToInfinity)
    return value ? placeOf('overflow', value, this.#figures.get(value.tensor)!.largest, null) : null
  }

  /** The largest value of each layer; what is outside of layers comes last. */
  ranges(): LayerRange[] {
    return this.#byLayer().map(([layer, values]) => {
      const largestOf = (value: GraphValue) => this.#figures.get(value.tensor)!.largest
      const top = values.reduce((best, value) => (largestOf(value) > largestOf(best) ? value : best))
      const streams = values.filter(({ isStream }) => isStream).map(largestOf)
      const { operator, opType, tensor } = top
      return { layer, operator, opType, tensor, largest: rounded(largestOf(top)), stream: streams.length > 0 ? rounded(Math.max(...streams)) : null }
    })
  }

  layers(): LayerFigures[] {
    return this.#byLayer().map(([layer, values]) => {
      const figures = values.map(({ tensor }) => this.#figures.get(tensor)!)
      const errors = figures.map(relativeError).filter((error) => error !== null)
      const finite = figures.every(({ isFinite, overflows }) => isFinite && !overflows)
      return { layer, largest: rounded(Math.max(...figures.map(({ largest }) => largest))), relativeError: errors.length > 0 ? rounded(Math.max(...errors)) : null, finite }
    })
  }

  #byLayer(): [number | null, GraphValue[]][] {
    const found = new Map<number | null, GraphValue[]>()
    for (const value of this.#values) {
      if (this.#figures.has(value.tensor)) found.set(value.layer, [...(found.get(value.layer) ?? []), value])
    }
    const outside = found.get(null)
    found.delete(null)
    return outside ? [...found, [null, outside]] : [...found]
  }

  #addTensor(name: string, data: Float32Array, isHalf: boolean, exact: Float32Array | undefined): void {
    const figures = this.#figures.get(name) ?? { largest: 0, isFinite: true, overflows: false, error: 0, size: 0 }
    this.#figures.set(name, figures)
    let isFinite = true
    let largest = 0
    for (let i = 0; i < data.length; i++) {
      const magnitude = Math.abs(data[i]!)
      if (magnitude <= Number.MAX_VALUE) largest = Math.max(largest, magnitude)
      else isFinite = false
    }
    const held = isHalf && exact ? exact.reduce((most, each) => Math.max(most, Math.abs(each)), 0) : 0
    figures.overflows ||= isHalf && (held >= roundsToInfinity || largest >= roundsToInfinity)
    figures.largest = Math.max(figures.largest, largest, figures.overflows && Number.isFinite(held) ? held : 0)
    figures.isFinite &&= isFinite
    if (exact?.length !== data.length || figures.overflows || !figures.isFinite) return
    for (let i = 0; i < data.length; i++) {
      figures.error += (data[i]! - exact[i]!) ** 2
      figures.size += exact[i]! ** 2
    }
  }

  #addLogits(run: TappedRun, exact: TappedRun): void {
    const rows = Math.min(run.rows, exact.rows)
    for (let row = 1; row <= rows; row++) {
      const [actual, expected] = [run, exact].map(({ logits, rows: all }) => {
        const vocab = logits.length / all
        return logits.subarray((all - row) * vocab, (all - row + 1) * vocab)
      }) as [Float32Array, Float32Array]
      this.#divergences.push(actual.every(Number.isFinite) ? divergence(expected, actual) : Number.NaN)
      if (argmax(actual) === argmax(expected)) this.#same++
    }
  }
}

/** rms(x - exact) / rms(exact) */
function relativeError({ error, size, isFinite }: Figures): number | null {
  return size > 0 && isFinite ? rounded(Math.sqrt(error / size)) : null
}

function placeOf(kind: Place['kind'], { operator, opType, layer, tensor }: GraphValue, largest: number, error: number | null): Place {
  return { kind, operator, opType, layer, tensor, magnitude: largest > 0 ? rounded(largest) : null, relativeError: error }
}

function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
