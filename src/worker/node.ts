// Worker entry for Node's worker threads: the SIMD core, and ONNX Runtime's native build where the app installs it.
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { workerData } from 'node:worker_threads'
import { expose } from 'comlink'
import { LLMError } from '../errors/index.js'
import { createNodeBinding, loadCPURuntime, loadTransformersRuntime, type SimdPlatform } from '../inference/index.js'
import { openStorage } from '../models/index.js'
import { NodeStorage, nodeFetch } from '../models/node.js'
import { createEngineWorker, type LoadRuntime, type OpenFiles } from './createEngineWorker.js'
import { grammarLoader } from './grammarLoader.js'
import { isSimdThread, serveSimdThread, simdThreadSpawner } from './simdThread.node.js'

const MAX_THREADS = 4
const loadGrammar = grammarLoader(new URL('./grammar.mjs', import.meta.url))

const openFiles: OpenFiles = async ({ storage }) => ({
  storage: storage === 'none' ? await openStorage('none') : new NodeStorage(),
  fetch: nodeFetch,
})

const loadRuntime: LoadRuntime = async (request, onProgress) => {
  const platform = { ...(await openFiles(request)), loadGrammar }
  if (request.runtime === 'transformers') {
    const transformers = await installed(() => import('@huggingface/transformers'), '@huggingface/transformers')
    return loadTransformersRuntime(request, { ...platform, transformers, memoryBytes: () => process.memoryUsage().rss }, onProgress)
  }
  const openBinding = async () => createNodeBinding(await installed(() => import('onnxruntime-node'), 'onnxruntime-node'), request.threads)
  const simd: SimdPlatform = {
    device: 'cpu',
    threads: request.threads ?? Math.min(MAX_THREADS, availableParallelism()),
    readCore: () => readFile(new URL('./core.wasm', import.meta.url)),
    spawn: simdThreadSpawner(new URL(import.meta.url)),
  }
  return loadCPURuntime(request, { ...platform, openBinding, simd }, onProgress)
}

if (isSimdThread()) serveSimdThread()
else expose(createEngineWorker(loadRuntime, openFiles), workerData as MessagePort)

async function installed<T>(load: () => Promise<T>, name: string): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new LLMError({
      code: 'session-failed',
      subject: name,
      message: `Running this model in Node needs the package ${name}. Install it with: npm install ${name}`,
      cause,
    })
  }
}
