import type { InferenceSession } from 'onnxruntime-web'
import type { ModelFiles } from '../../../models/index.js'
import type { GPUGraph } from '../../graph/optimizeForGPU.js'
import { readDecoderGraph } from './DecoderGraph.js'
import type { OrtBinding } from './OrtBinding.js'
import { ResidentDecoderBackend } from './ResidentDecoderBackend.js'

/** Tokens in the check of a recording: attention over them takes three workgroups a head, all of them nearly full. */
const checkedTokens = 190

/** How far logits of a replay may be from those of a run over many tokens, in parts of the largest. */
const tolerance = { float32: 1e-3, float16: 3e-2 } as const

/** A backend that has passed its check, or why there is none, as a clause. */
export type ResidentDecoder = { backend: ResidentDecoderBackend; problem?: undefined } | { backend?: undefined; problem: string }

/**
 * Opens a rewritten graph so that runs over one token are recorded and replayed, and checks that a
 * replay gives the logits that a run over the same tokens together gives.
 * @param outputs names of the graph's outputs for keys and values.
 */
export async function openResidentDecoder(binding: OrtBinding, files: ModelFiles, optimized: GPUGraph, outputs: readonly string[]): Promise<ResidentDecoder> {
  const { directDispatch: direct } = binding
  const { heads, maxTokens } = sizesOf(files)
  if (!direct || heads === undefined || maxTokens === undefined) return { problem: 'config.json does not tell the number of heads and the context' }
  if (maxTokens <= checkedTokens) return { problem: `the context has ${maxTokens} tokens only` }
  let backend: ResidentDecoderBackend | undefined
  try {
    const session = await binding.createSession({ graph: { ...files.graph, ...optimized }, deviceOutputs: ['logits', ...outputs], records: true })
    const device = await binding.gpuDevice()
    const graph = readDecoderGraph(session, files.config)
    const logitsType = typeOfLogits(session)
    const { vocabSize } = graph
    if (!device || vocabSize === undefined || logitsType === undefined) {
      await session.release()
      return { problem: 'the graph leaves its logits open' }
    }
    backend = new ResidentDecoderBackend({ binding, session, device, graph, vocabSize, logitsType, heads, maxTokens, direct })
    const difference = await differenceOfReplay(backend)
    if (difference <= tolerance[logitsType]) return { backend }
    await backend.dispose()
    return { problem: `a recorded run gave logits that differ by ${difference.toPrecision(2)} of the largest` }
  } catch (error) {
    await backend?.dispose().catch(() => undefined)
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** The largest difference of a logit, in parts of the largest logit. */
async function differenceOfReplay(backend: ResidentDecoderBackend): Promise<number> {
  const tokens = Array.from({ length: checkedTokens }, (_, i) => (i * 31) % backend.vocabSize)
  const expected = (await backend.feed(tokens)).slice()
  // The last two once more, one by one: the first is recorded, the second replayed.
  await backend.truncate(checkedTokens - 2)
  await backend.feed(tokens.slice(-2, -1))
  const actual = await backend.feed(tokens.slice(-1))
  await backend.truncate(0)
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const difference = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0) / largest
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference
}

function typeOfLogits({ outputMetadata }: InferenceSession): 'float32' | 'float16' | undefined {
  const logits = outputMetadata.find(({ name }) => name === 'logits')
  const type = logits?.isTensor ? logits.type : undefined
  return type === 'float32' || type === 'float16' ? type : undefined
}

function sizesOf({ config }: ModelFiles): { heads: number | undefined; maxTokens: number | undefined } {
  const text = (config.text_config ?? config) as { num_attention_heads?: unknown; max_position_embeddings?: unknown }
  const number = (value: unknown) => (typeof value === 'number' ? value : undefined)
  return { heads: number(text.num_attention_heads), maxTokens: number(text.max_position_embeddings) }
}
