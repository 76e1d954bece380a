import type { InferenceSession, Tensor } from 'onnxruntime-web'
import { LLMError } from '../../../errors/index.js'
import type { DecoderBackend } from '../../generate/DecoderBackend.js'
import type { DecoderGraph } from './DecoderGraph.js'
import { halfToFloat } from './float16.js'
import { KVCache } from './KVCache.js'
import { OrtSnapshots } from './OrtSnapshots.js'
import type { OrtBinding } from './OrtBinding.js'
import { sessionRunError } from './ortErrors.js'

/** Rows of logits that a run may give: on GPUs more tokens hardly cost more, but every row is read back. */
const MAX_ROWS = 16

/** A decoder on ONNX Runtime: WebAssembly, WebGPU or Node, by its binding. */
export class OrtDecoderBackend implements DecoderBackend {
  // Quantized kernels scale activations per run.
  readonly isBatchInvariant = false
  readonly vocabSize: number
  readonly snapshots: OrtSnapshots
  readonly maxRows: number
  readonly #binding: OrtBinding
  readonly #session: InferenceSession
  readonly #graph: DecoderGraph
  readonly #kv: KVCache
  #logits = new Float32Array(0)

  constructor(binding: OrtBinding, session: InferenceSession, graph: DecoderGraph, vocabSize: number) {
    this.#binding = binding
    this.#session = session
    this.#graph = graph
    this.#kv = new KVCache(binding, graph.kv)
    this.snapshots = new OrtSnapshots(this.#kv, imageKind(binding, graph))
    this.vocabSize = vocabSize
    this.maxRows = graph.givesAllLogits ? MAX_ROWS : 1
  }

  get length(): number {
    return this.#kv.length
  }

  get memoryBytes(): number | undefined {
    return this.#binding.memoryBytes()
  }

  feed(tokens: readonly number[]): Promise<Float32Array> {
    return this.feedAll(tokens, 1)
  }

  async feedAll(tokens: readonly number[], rows: number): Promise<Float32Array> {
    try {
      const outputs = (await this.#session.run(this.#feeds(tokens, rows))) as Record<string, Tensor>
      this.#kv.replace(outputs, this.#kv.length + tokens.length)
      return this.#lastLogits(outputs.logits!, rows)
    } catch (cause) {
      throw sessionRunError(cause)
    }
  }

  async truncate(length: number): Promise<void> {
    try {
      await this.#kv.truncate(length)
    } catch (cause) {
      throw sessionRunError(cause)
    }
  }

  async dispose(): Promise<void> {
    this.#kv.dispose()
    await this.#session.release()
  }

  #feeds(tokens: readonly number[], rows: number): Record<string, Tensor> {
    const { Tensor } = this.#binding
    const past = this.#kv.length
    const count = tokens.length
    const int64 = (values: BigInt64Array, dims: readonly number[]) => new Tensor('int64', values, dims)
    const feeds: Record<string, Tensor> = { input_ids: int64(BigInt64Array.from(tokens, BigInt), [1, count]) }
    if (this.#graph.attentionMask) {
      feeds.attention_mask = int64(new BigInt64Array(past + count).fill(1n), [1, past + count])
    }
    if (this.#graph.positionIds) {
      const positions = new BigInt64Array(count)
      for (let i = 0; i < count; i++) positions[i] = BigInt(past + i)
      feeds.position_ids = int64(positions, [1, count])
    }
    const keep = this.#graph.logitsToKeep
    if (keep) feeds[keep.name] = int64(BigInt64Array.of(BigInt(rows)), keep.dims)
    this.#kv.addTo(feeds)
    return feeds
  }

  #lastLogits(output: Tensor, rows: number): Float32Array {
    const data: unknown = output.data
    const start = output.size - rows * this.vocabSize
    if (start < 0 || output.dims.at(-1) !== this.vocabSize) {
      throw new LLMError({
        code: 'unsupported-architecture',
        subject: 'logits',
        message: `The graph gave logits of shape [${output.dims.join(', ')}] where ${this.vocabSize} values a token were expected.`,
      })
    }
    if (data instanceof Float32Array) return data.subarray(start)
    if (this.#logits.length < rows * this.vocabSize) this.#logits = new Float32Array(rows * this.vocabSize)
    const logits = this.#logits.subarray(0, rows * this.vocabSize)
    if (data instanceof Uint16Array) halfToFloat(data.subarray(start), logits)
    else logits.set((data as Float32Array).subarray(start)) // Float16Array, where the engine has it.
    return logits
  }
}

/**
 * WebAssembly computes the same everywhere; the build is part of the kit. Native builds take what the processor has, and GPUs
 * have keys and values sooner computed than read back.
 */
function imageKind({ name, device, threads }: OrtBinding, { kv }: DecoderGraph): string | undefined {
  if (device !== 'wasm') return undefined
  return `${name}, ${threads} threads, ${kv.map(({ type, heads, headDim }) => `${type} ${heads}x${headDim}`).join()}`
}
