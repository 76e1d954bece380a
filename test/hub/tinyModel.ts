import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A model's files by path. */
export type ModelFolder = Record<string, string | Uint8Array>

/** An ONNX model of one initializer with so many weight bytes; enough of a graph for everything but running it. */
export function onnxGraph(weightBytes: number, externalLocation?: string): Uint8Array {
  const weights = new Uint8Array(weightBytes).map((_, i) => (i * 31 + 7) % 251)
  const external =
    externalLocation === undefined ? [] : [field(13, [...field(1, text('location')), ...field(2, text(externalLocation))])]
  const tensor = concat([field(8, text('w')), ...external, field(9, weights)])
  return concat([Uint8Array.of(0x08, 8), field(7, concat([field(2, text('tiny')), field(5, tensor)]))])
}

// The least that the tokenizer's library reads: one token for each of a few letters.
const tokenizer = {
  version: '1.0',
  added_tokens: [{ id: 2, content: '</s>', special: true }],
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false },
  post_processor: null,
  decoder: { type: 'ByteLevel' },
  model: { type: 'BPE', vocab: { a: 0, b: 1, '</s>': 2, ab: 3 }, merges: ['a b'] },
}

/** The smallest folder that is a whole model, with one graph of `weightBytes`. */
export function modelFolder(weightBytes = 40_000): ModelFolder {
  return {
    'config.json': JSON.stringify({ model_type: 'llama', architectures: ['LlamaForCausalLM'] }),
    'generation_config.json': JSON.stringify({ eos_token_id: 2 }),
    'tokenizer.json': JSON.stringify(tokenizer),
    'tokenizer_config.json': JSON.stringify({ chat_template: 'from the config' }),
    'onnx/model.onnx': onnxGraph(weightBytes),
  }
}

/** A manifest that lists every file of `folder` with its size, and the graphs given. */
export function manifestFor(folder: ModelFolder, dtypes: Record<string, string>): string {
  const files = Object.fromEntries(Object.entries(folder).map(([path, content]) => [path, { size: Buffer.byteLength(content) }]))
  const graphs = Object.fromEntries(Object.entries(dtypes).map(([dtype, file]) => [dtype, { file }]))
  return JSON.stringify({ formatVersion: 1, name: 'tiny', architecture: 'LlamaForCausalLM', files, dtypes: graphs, source: {} })
}

/** A temporary folder that takes models and goes away with `remove`. */
export class TemporaryFolder {
  private constructor(readonly path: string) {}

  static async create(): Promise<TemporaryFolder> {
    return new TemporaryFolder(await mkdtemp(join(tmpdir(), 'react-edge-llm-')))
  }

  async write(name: string, folder: ModelFolder): Promise<void> {
    for (const [path, content] of Object.entries(folder)) {
      const file = join(this.path, name, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
    }
  }

  /** Lets a model be one that lies elsewhere. */
  async link(name: string, target: string): Promise<void> {
    const place = join(this.path, name)
    await mkdir(dirname(place), { recursive: true })
    await symlink(target, place, 'dir')
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 5 })
  }
}

function field(number: number, content: Uint8Array | number[]): Uint8Array {
  return concat([Uint8Array.from([...varint(number * 8 + 2), ...varint(content.length)]), Uint8Array.from(content)])
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

function concat(parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts))
}
