// What one thread does in the benchmark of products: all matrices of a model once, as a forward pass meets them.

/** SmolLM2-135M: products of a layer, `[rows, columns]`, and the head. */
const layerShapes = [[960, 576], [576, 576], [3072, 576], [576, 1536]]
const layers = 30
const headShape = [49152, 576]
const widest = 49152
const page = 65536

/** Deals out memory from the module's own static data on. */
function arena() {
  let end = page
  return (bytes) => {
    const at = end
    end = Math.ceil((at + bytes) / 64) * 64
    return at
  }
}

function layout(maxTokens, threads) {
  const allocate = arena()
  const matrix = ([rows, columns], bits) => {
    const weights = allocate((rows * columns * bits) / 8)
    const scales = allocate((rows * columns) / 16)
    return { words: [rows, columns, bits, 32, weights, scales, 16, 0, 0], address: allocate(36), weightBytes: (rows * columns * bits) / 8, scaleCount: (rows * columns) / 32 }
  }
  const stack = Array.from({ length: layers }, () => layerShapes.map((shape) => matrix(shape, 4)))
  const head = matrix(headShape, 8)
  return {
    stack,
    head,
    floats: allocate(maxTokens * 1536 * 4),
    quantized: Array.from({ length: threads }, () => allocate(maxTokens * 4096)),
    scratch: Array.from({ length: threads }, () => allocate(1 << 17)),
    // The logits of some tokens, or the widest layer's output of all of them.
    out: allocate(Math.max(maxTokens * 3072, 8 * widest) * 4),
    end: allocate(0),
  }
}

/** Pages of 64 KiB that it takes. */
export const pagesFor = (maxTokens, threads) => Math.ceil(layout(maxTokens, threads).end / page) + 1

export class Passes {
  #layout
  #memory
  #core
  #thread
  #threads

  constructor({ memory, maxTokens, thread, threads }) {
    this.#layout = layout(maxTokens, threads)
    this.#memory = memory
    this.#thread = thread
    this.#threads = threads
    if (thread === 0) this.#fill()
  }

  /** Weights and activations are noise; the time does not depend on them. */
  #fill() {
    const buffer = this.#memory.buffer
    let state = 1
    const noise = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0)
    for (const { words, address, weightBytes, scaleCount } of [...this.#layout.stack.flat(), this.#layout.head]) {
      new Int32Array(buffer, address, words.length).set(words)
      const weights = new Uint32Array(buffer, words[4], weightBytes / 4)
      for (let i = 0; i < weights.length; i++) weights[i] = noise()
      // 0.001 to 0.002 as halves.
      const scales = new Uint16Array(buffer, words[5], scaleCount)
      for (let i = 0; i < scales.length; i++) scales[i] = 0x1419 + ((noise() >>> 20) & 0x3ff)
    }
    const floats = new Float32Array(buffer, this.#layout.floats, (this.#layout.quantized[0] - this.#layout.floats) / 4)
    for (let i = 0; i < floats.length; i++) floats[i] = noise() / 2 ** 31 - 1
  }

  /** @param {WebAssembly.Exports} core the build to be timed next */
  use(core) {
    this.#core = core
  }

  /** Layers for `count` tokens; the head for all of them where `head` says so. */
  run(count, head) {
    const { stack } = this.#layout
    for (const [qkv, output, gateUp, down] of stack) {
      this.#multiply(qkv, count)
      this.#multiply(output, count)
      this.#multiply(gateUp, count)
      this.#multiply(down, count)
    }
    if (head) this.#multiply(this.#layout.head, count)
  }

  /** Quantizes for itself where there is one token, its share of many. Nobody changes `x`, so nobody has to wait. */
  #multiply({ words: [rows, columns], address }, count) {
    const { floats, quantized, scratch, out } = this.#layout
    const [thread, threads, core] = [this.#thread, this.#threads, this.#core]
    const x = quantized[count === 1 ? thread : 0]
    const share = (total) => [Math.floor((total * thread) / threads), Math.floor((total * (thread + 1)) / threads)]
    core.quantizeRows(address, floats, columns, x, ...(count === 1 ? [0, 1] : share(count)), count)
    const [first, end] = share(rows / 16).map((group) => group * 16)
    core.matmul(address, x, count, out, rows, first, end, scratch[thread])
  }
}
