import { LLMError } from '../../../errors/index.js'
import type { ModelFiles } from '../../../models/index.js'
import type { OpenedDecoder } from '../../generate/DecoderRuntime.js'
import { readDecoderGraph } from './DecoderGraph.js'
import type { OrtBinding } from './OrtBinding.js'
import { OrtDecoderBackend } from './OrtDecoderBackend.js'
import { sessionCreationError } from './ortErrors.js'

/**
 * Prompt tokens a run on GPUs: there a run over a hundred takes hardly longer than one over a few.
 * More would leave less of a prefix to reuse, which goes by whole runs.
 */
export const gpuPrefillChunk = 128

/** Enough for the kernels of long prompts, and less than any model's context. */
const warmUpTokens = 64

/**
 * Opens a graph as it is on ONNX Runtime.
 * @param because why nothing else runs it, as the end of a sentence.
 * @throws LLMError what reading the graph can give.
 */
export async function openOrtSession(binding: OrtBinding, files: ModelFiles, because: string): Promise<OpenedDecoder> {
  // The outputs are known only once a session exists, but where they shall stay must be said before.
  const deviceOutputs = binding.device === 'webgpu' ? presentOutputs(files) : []
  const session = await binding.createSession({ graph: files.graph, deviceOutputs }).catch((cause: unknown) => {
    throw sessionCreationError(cause, files.graph.path)
  })
  const graph = readDecoderGraph(session, files.config)
  const vocabSize = graph.vocabSize ?? files.config.vocab_size
  if (typeof vocabSize !== 'number') {
    throw new LLMError({
      code: 'config-missing',
      subject: 'config.json',
      message: 'Neither the graph nor config.json (`vocab_size`) tells the size of the vocabulary. Export the model again.',
    })
  }
  const backend = new OrtDecoderBackend(binding, session, graph, vocabSize)
  const where = binding.device === 'webgpu' ? 'GPU' : 'CPU'
  return {
    backend,
    device: binding.device,
    name: binding.name,
    reason: `ONNX Runtime runs the graph on the ${where}${because}`,
    threads: binding.threads,
    ...(binding.device === 'webgpu' && { prefillChunk: gpuPrefillChunk }),
    async warmUp() {
      // On GPUs, shaders are compiled for long and for single-token inputs.
      if (binding.device === 'webgpu') await backend.feed(new Array<number>(warmUpTokens).fill(0))
      await backend.feed([0])
      await backend.truncate(0)
    },
  }
}

/** Names of a decoder's outputs for keys and values. More than there are do no harm. */
export function presentOutputs(files: ModelFiles): string[] {
  const text = (files.config.text_config ?? files.config) as { num_hidden_layers?: unknown }
  const layers = typeof text.num_hidden_layers === 'number' ? text.num_hidden_layers : 256
  return Array.from({ length: layers }, (_, layer) => [`present.${layer}.key`, `present.${layer}.value`]).flat()
}
