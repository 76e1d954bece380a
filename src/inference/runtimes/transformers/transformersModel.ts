import type * as Transformers from '@huggingface/transformers'
import { toLLMError, type LLMError } from '../../../errors/index.js'
import { unshared, type Device, type ModelFiles } from '../../../models/index.js'
import { isOutOfMemory, sessionCreationError } from '../onnx/ortErrors.js'

/** The namespace of `@huggingface/transformers`. */
export type TransformersNamespace = typeof Transformers

/** URLs of ONNX Runtime Web's files, and CPU threads. Undefined in Node. */
export interface TransformersWasm {
  assets: { mjs: URL; wasm: URL }
  threads: number
}

// Transformers.js looks files up by a model id; this one stands for the files we hand it.
const modelId = 'react-edge-llm/model'

/**
 * Lets Transformers.js load a model from files that are in memory already, so that download,
 * progress, storage and errors are the same for both runtimes, and nothing else is ever fetched.
 * @throws LLMError
 */
export async function createTransformersModel(
  { env, AutoModelForCausalLM }: TransformersNamespace,
  files: ModelFiles,
  device: Device,
  wasm: TransformersWasm | undefined,
): Promise<Transformers.PreTrainedModel> {
  const served = new Map<string, BodyInit>([
    ['config.json', JSON.stringify(files.config)],
    ['generation_config.json', JSON.stringify(files.generationConfig ?? {})],
    ['onnx/model.onnx', unshared(files.graph.bytes)],
  ])
  env.allowLocalModels = false
  env.useBrowserCache = false
  env.useFSCache = false
  env.useWasmCache = false
  env.useCustomCache = true
  env.customCache = {
    match: (request: string) => Promise.resolve(responseTo(request, served)),
    put: () => Promise.resolve(),
  }
  env.fetch = () => Promise.resolve(new Response(null, { status: 404 }))
  if (wasm) useAssets(env, wasm)
  try {
    return await AutoModelForCausalLM.from_pretrained(modelId, {
      device: device === 'cpu' ? 'cpu' : device,
      // The graph is what it is; fp32 only keeps Transformers.js from adding a suffix to its name.
      dtype: 'fp32',
      use_external_data_format: false,
      session_options: {
        logSeverityLevel: 3,
        externalData: files.graph.externalData.map(({ path, bytes }) => ({ path, data: bytes })),
      },
    })
  } catch (cause) {
    throw creationError(cause, files.graph.path)
  }
}

function responseTo(request: string, served: ReadonlyMap<string, BodyInit>): Response | undefined {
  for (const [path, body] of served) if (request.endsWith(`/${modelId}/resolve/main/${path}`)) return new Response(body)
  return undefined
}

function useAssets(env: TransformersNamespace['env'], { assets, threads }: TransformersWasm): void {
  const { wasm } = env.backends.onnx
  if (wasm === undefined) return
  wasm.wasmPaths = { mjs: assets.mjs.href, wasm: assets.wasm.href }
  wasm.numThreads = threads
}

function creationError(cause: unknown, file: string): LLMError {
  const detail = cause instanceof Error ? cause.message : String(cause)
  if (!isOutOfMemory(cause) && /unsupported model type|unknown model class/i.test(detail)) {
    return toLLMError(cause, {
      code: 'unsupported-architecture',
      subject: 'config.json',
      message: `Transformers.js does not know this architecture: ${detail} Use another model.`,
    })
  }
  return sessionCreationError(cause, file)
}
