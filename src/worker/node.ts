// Worker entry for Node's worker threads: ONNX Runtime's native build, which the app installs.
import { workerData } from 'node:worker_threads'
import { expose } from 'comlink'
import { LLMError } from '../errors/index.js'
import { createNodeBinding, loadOnnxRuntime, loadTransformersRuntime } from '../inference/index.js'
import { openStorage } from '../models/index.js'
import { NodeStorage, nodeFetch } from '../models/node.js'
import { createEngineWorker } from './createEngineWorker.js'
import { grammarLoader } from './grammarLoader.js'

const loadGrammar = grammarLoader(new URL('./grammar.mjs', import.meta.url))

const worker = createEngineWorker(async (request, onProgress) => {
  const storage = request.storage === 'none' ? await openStorage('none') : new NodeStorage()
  const platform = { storage, fetch: nodeFetch, loadGrammar }
  if (request.runtime === 'transformers') {
    const transformers = await installed(() => import('@huggingface/transformers'), '@huggingface/transformers')
    return loadTransformersRuntime(request, { ...platform, transformers, memoryBytes: () => process.memoryUsage().rss }, onProgress)
  }
  const ort = await installed(() => import('onnxruntime-node'), 'onnxruntime-node')
  return loadOnnxRuntime(request, { ...platform, binding: createNodeBinding(ort, request.threads) }, onProgress)
})

expose(worker, workerData as MessagePort)

async function installed<T>(load: () => Promise<T>, name: string): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new LLMError({
      code: 'session-failed',
      subject: name,
      message: `Running models in Node needs the package ${name}. Install it with: npm install ${name}`,
      cause,
    })
  }
}
