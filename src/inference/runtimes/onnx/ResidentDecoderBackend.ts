import type { InferenceSession, Tensor } from 'onnxruntime-web'
import type { DecoderBackend } from '../../generate/DecoderBackend.js'
import { gpuInputs } from '../../graph/gpuInputs.js'
import type { DecoderGraph } from './DecoderGraph.js'
import type { DirectDispatch } from './directDispatch.js'
import { GPUReader } from './GPUReader.js'
import { gpuBufferUsage, type GPUBufferLike, type GPUDeviceLike, type OrtBinding } from './OrtBinding.js'
import { sessionRunError } from './ortErrors.js'
import { ResidentKV } from './ResidentKV.js'
import { ResidentSnapshots } from './ResidentSnapshots.js'

/** Tokens that one workgroup of ONNX Runtime's attention kernel for single tokens goes over. */
const attentionTile = 64

/** Most tokens of one run; more are fed in several. */
const mostTokens = 4096

/** Run option of ONNX Runtime: which recording is made or replayed; -1 for none. */
const graphId = (id: number) => ({ extra: { gpu_graph_id: String(id) } })

/** What a {@link ResidentDecoderBackend} works on. */
export interface ResidentDecoderInit {
  binding: OrtBinding
  session: InferenceSession
  device: GPUDeviceLike
  graph: DecoderGraph
  vocabSize: number
  logitsType: 'float32' | 'float16'
  /** Query heads of the model. */
  heads: number
  /** Tokens of the model's context. */
  maxTokens: number
  direct: DirectDispatch
}

/**
 * A decoder on WebGPU whose inputs, cache and logits stay in the same GPU buffers, so that a run
 * over one token is recorded once and replayed from then on. Runs over several tokens are not.
 */
export class ResidentDecoderBackend implements DecoderBackend {
  // Kernels differ between one token and several.
  readonly isBatchInvariant = false
  readonly vocabSize: number
  /** Most tokens whose logits {@link feedAll} gives. */
  readonly maxRows = 16
  readonly snapshots: ResidentSnapshots
  readonly #init: ResidentDecoderInit
  readonly #kv: ResidentKV
  readonly #reader: GPUReader
  readonly #buffers = new Map<string, GPUBufferLike>()
  // One array each, written anew for every run.
  readonly #number = new Int32Array(1)
  readonly #wide = new BigInt64Array(1)
  #length = 0
  #single: { capacity: number; feeds: Record<string, Tensor>; fetches: Record<string, Tensor> } | undefined

  constructor(init: ResidentDecoderInit) {
    this.#init = init
    this.vocabSize = init.vocabSize
    this.#kv = new ResidentKV(init.binding, init.device, init.graph.kv, init.maxTokens)
    this.#reader = new GPUReader(init.device)
    this.snapshots = new ResidentSnapshots({ kv: this.#kv, setLength: (tokens) => (this.#length = tokens) })
  }

  get length(): number {
    return this.#length
  }

  get memoryBytes(): number | undefined {
    return this.#init.binding.memoryBytes()
  }

  feed(tokens: readonly number[]): Promise<Float32Array> {
    return this.feedAll(tokens, 1)
  }

  /** Feeds `tokens` and gives the logits after each of the last `rows` of them, `[rows, vocabSize]`. */
  async feedAll(tokens: readonly number[], rows: number): Promise<Float32Array> {
    const excess = tokens.length - mostTokens
    if (excess > 0) await this.feedAll(tokens.slice(0, excess), 1)
    if (excess > 0) return this.feedAll(tokens.slice(excess), rows)
    try {
      const total = this.#length + tokens.length
      this.#kv.reserve(total, this.#length)
      this.#write(gpuInputs.last, this.#set32(total - 1))
      this.#write(gpuInputs.total, this.#set32(total))
      if (tokens.length === 1) await this.#runOne(tokens[0]!, total)
      else await this.#runSeveral(tokens, rows)
      this.#length = total
      return await this.#reader.read(this.#buffers.get('logits')!, rows * this.vocabSize, this.#init.logitsType)
    } catch (cause) {
      throw sessionRunError(cause)
    }
  }

  truncate(length: number): Promise<void> {
    // What is behind the length is written over before it is read.
    if (length < this.#length) this.#length = length
    return Promise.resolve()
  }

  async dispose(): Promise<void> {
    this.#kv.dispose()
    this.#reader.dispose()
    for (const buffer of this.#buffers.values()) buffer.destroy()
    await this.#init.session.release()
  }

  async #runOne(token: number, total: number): Promise<void> {
    const { session, direct, heads } = this.#init
    this.#write('input_ids', this.#set64(token))
    this.#write(gpuInputs.wanted, this.#set64(0))
    if (this.#single?.capacity !== this.#kv.capacity) this.#single = { capacity: this.#kv.capacity, ...this.#tensors(1, 1) }
    const { feeds, fetches } = this.#single
    direct.workgroups = [Math.ceil(total / attentionTile), heads, 1]
    try {
      await session.run(feeds, fetches, graphId(this.#kv.capacity))
    } finally {
      direct.workgroups = undefined
    }
  }

  async #runSeveral(tokens: readonly number[], rows: number): Promise<void> {
    const first = tokens.length - rows
    this.#write('input_ids', BigInt64Array.from(tokens, BigInt))
    this.#write(gpuInputs.wanted, BigInt64Array.from({ length: rows }, (_, i) => BigInt(first + i)))
    const { feeds, fetches } = this.#tensors(tokens.length, rows)
    await this.#init.session.run(feeds, fetches, graphId(-1))
  }

  #tensors(count: number, rows: number): { feeds: Record<string, Tensor>; fetches: Record<string, Tensor> } {
    const int64 = (name: string, dims: number[]) => this.#tensor(name, 'int64', dims)
    const feeds: Record<string, Tensor> = {
      input_ids: int64('input_ids', [1, count]),
      [gpuInputs.wanted]: int64(gpuInputs.wanted, [rows]),
      [gpuInputs.last]: this.#tensor(gpuInputs.last, 'int32', [1]),
      [gpuInputs.total]: this.#tensor(gpuInputs.total, 'int32', [1]),
    }
    const fetches: Record<string, Tensor> = { logits: this.#logitsOf(rows) }
    this.#kv.addTo(feeds, fetches)
    return { feeds, fetches }
  }

  #logitsOf(rows: number): Tensor {
    const { logitsType } = this.#init
    this.#bufferOf('logits', this.maxRows * this.vocabSize * (logitsType === 'float16' ? 2 : 4))
    return this.#tensor('logits', logitsType, [1, rows, this.vocabSize])
  }

  #tensor(name: string, dataType: 'int64' | 'int32' | 'float32' | 'float16', dims: number[]): Tensor {
    return this.#init.binding.Tensor.fromGpuBuffer(this.#buffers.get(name) as never, { dataType, dims })
  }

  #write(name: string, values: BigInt64Array | Int32Array): void {
    this.#init.device.queue.writeBuffer(this.#bufferOf(name, values.byteLength), 0, values)
  }

  /** The buffer of that name. It never becomes too small: recordings refer to it. */
  #bufferOf(name: string, size: number): GPUBufferLike {
    const buffer = this.#buffers.get(name)
    if (buffer) return buffer
    const made = this.#init.device.createBuffer({ size: Math.max(8 * mostTokens, Math.ceil(size / 16) * 16), usage: gpuBufferUsage })
    this.#buffers.set(name, made)
    return made
  }

  #set32(value: number): Int32Array {
    this.#number[0] = value
    return this.#number
  }

  #set64(value: number): BigInt64Array {
    this.#wide[0] = BigInt(value)
    return this.#wide
  }
}
