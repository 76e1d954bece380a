import { PAGE_TOKENS } from '../../../src/simd/PageShape.js'
import { layerStruct, modelStruct, rotaryStruct, sizeOf, writeStruct } from '../../../src/simd/structs.js'
import type { Operators } from './compileOperators.js'

export interface AttentionShape {
  heads: number
  keyValueHeads: number
  headDim: number
  /** Tokens; 0, the default: all. */
  window?: number
  /** Default `headDim ** -0.5`. */
  attentionScale?: number
  /** Default 0: none. */
  attentionCap?: number
}

export interface Vectors {
  tokens: number
  queries: Float32Array
  keys: Float32Array
  values: Float32Array
}

/** What a test of attention compiles. */
export const attentionEntry = `
export { attention, mergeAttention, sharedResultBytes, sharesPages } from './attention'
export { tileBytes } from './attentionTile'
export { prepareQueries, storeKeyValues } from './keyValues'
export { pageBytes } from './pages'
export { prepareRotary, rotaryAngles } from './rotary'
`

/** The second of two layers, without norms and rotary, over the compiled operators. */
export class AttentionModel {
  readonly shape: Required<AttentionShape>
  readonly #core: Operators
  readonly #plan: number
  readonly #layer: number
  readonly #pageBytes: number

  constructor(core: Operators, shape: AttentionShape) {
    this.#core = core
    this.shape = { window: 0, attentionScale: shape.headDim ** -0.5, attentionCap: 0, ...shape }
    const { buffer } = core.memory
    this.#plan = core.allocate(sizeOf(modelStruct))
    writeStruct(buffer, this.#plan, modelStruct, { ...this.shape, layerCount: 2, epsilon: 1e-6 })
    // Rotary of no dimensions turns nothing.
    const rotary = core.allocate(sizeOf(rotaryStruct))
    writeStruct(buffer, rotary, rotaryStruct, { dimensions: 0, theta: 1, factor: 1 })
    this.#layer = core.allocate(sizeOf(layerStruct))
    writeStruct(buffer, this.#layer, layerStruct, { window: this.shape.window, rotary })
    this.#pageBytes = core.call('pageBytes', 2, shape.keyValueHeads, shape.headDim)
  }

  /** Fills the memory that is not used yet. */
  soil(byte: number): void {
    const at = this.#core.allocate(0)
    new Uint8Array(this.#core.memory.buffer, at).fill(byte)
  }

  /** The outputs `[tokens][heads][headDim]` of feeding the vectors in chunks of so many tokens. */
  run(input: Vectors, chunks: number[], { threads = 1, scattered = false } = {}): Float32Array {
    const { heads, keyValueHeads, headDim } = this.shape
    const core = this.#core
    const count = Math.ceil(input.tokens / PAGE_TOKENS)
    const addresses = Array.from({ length: count }, (_, i) => core.allocate(this.#pageBytes, scattered ? 4 + 8 * i : 0))
    if (scattered) addresses.reverse()
    const pages = core.allocate(4 * count)
    core.integers(pages, count).set(addresses)
    const scratch = core.allocate(core.call('tileBytes', this.#plan))
    const shared = core.allocate(core.call('sharedResultBytes', this.#plan, input.tokens))
    const queries = core.allocate(4 * input.queries.length)
    const output = core.allocate(4 * input.queries.length)
    core.floats(queries, input.queries.length).set(input.queries)
    const keys = core.put(input.keys)
    const values = core.put(input.values)
    let position = 0
    for (const chunk of chunks) {
      const query = 4 * position * heads * headDim
      const key = 4 * position * keyValueHeads * headDim
      const each = (call: (thread: number) => void) => {
        for (let thread = threads - 1; thread >= 0; thread--) call(thread)
      }
      each((thread) => core.call('storeKeyValues', this.#plan, this.#layer, 1, pages, keys + key, values + key, 0, position, chunk, thread, threads))
      each((thread) => core.call('prepareQueries', this.#plan, this.#layer, queries + query, 0, chunk, thread, threads))
      each((thread) =>
        core.call('attention', this.#plan, this.#layer, 1, pages, queries + query, output + query, position, chunk, scratch, shared, thread, threads),
      )
      if (core.call('sharesPages', this.#plan, chunk, threads)) {
        each((thread) => core.call('mergeAttention', this.#plan, this.#layer, output + query, position, chunk, scratch, shared, thread, threads))
      }
      position += chunk
    }
    return core.floats(output, input.queries.length).slice()
  }
}

/** Vectors as a model has them: about normal, some tokens louder, some scores high. */
export function randomVectors({ shape }: AttentionModel, tokens: number, seed = 1): Vectors {
  let state = seed
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  const vectors = (count: number) => new Float32Array(count * shape.headDim).map(() => normal())
  return {
    tokens,
    queries: vectors(tokens * shape.heads).map((x) => 1.5 * x),
    keys: vectors(tokens * shape.keyValueHeads),
    values: vectors(tokens * shape.keyValueHeads),
  }
}
