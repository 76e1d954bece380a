import { fetchModel } from '../../../src/inference/fetchModel.js'
import { expandProducts } from '../../../src/inference/graph/expandProducts.js'
import { optimizeForGPU } from '../../../src/inference/graph/optimizeForGPU.js'
import { planModel } from '../../../src/inference/runtimes/simd/planModel.js'
import { NoStorage } from '../../../src/models/storage/NoStorage.js'
import type { LoadRequest } from '../../../src/inference/types.js'
import type { Files } from './Mutations.js'

const root = 'https://app.example/models/m/'

/** What became of a model: what would run it, and the tokens of a prompt. */
export interface Used {
  /** Why the SIMD core refuses the graph; undefined where it runs it. */
  reason: string | undefined
  ids: number[]
  text: string
}

/**
 * Does with a model's files all that the kit does before a runtime computes: fetches and checks them, plans the graph,
 * writes it anew for ONNX Runtime, renders and encodes a conversation with a tool, and reads tokens back.
 * @param onRequest told of every URL that is asked for.
 */
export async function useModel(files: Files, onRequest: (url: string) => void = () => undefined): Promise<Used> {
  const fetch = (url: string): Promise<Response> => {
    onRequest(url)
    const path = decodeURIComponent(url.slice(root.length))
    const found = url.startsWith(root) && Object.hasOwn(files, path) ? files[path] : undefined
    return Promise.resolve(new Response(found as Uint8Array<ArrayBuffer> | undefined, { status: found ? 200 : 404 }))
  }
  const request: LoadRequest = {
    ...{ runtime: 'onnx', model: { id: root }, device: 'wasm', adapterFeatures: [], dtype: 'auto', storage: 'none', baseURL: root },
    ...{ hubURL: 'https://hub.example', hubToken: undefined, threads: undefined, cpuBackend: 'auto' },
  }
  const { files: model, codec } = await fetchModel(request, { storage: new NoStorage(), fetch }, () => undefined)
  const { reason } = planModel(model.config, model.graph, model.manifest?.tensors.get(model.graph.path))
  expandProducts(model.graph)
  optimizeForGPU(model.graph)
  const { ids } = codec.encode({
    messages: [{ role: 'system', content: 'Be short.' }, { role: 'user', content: 'Paint it red ü 日' }],
    ...(codec.templateHasTools && { tools: [{ name: 'paint', description: 'Paints', inputSchema: { type: 'object', properties: { color: { type: 'string' } } } }] }),
  })
  const detokenizer = codec.tokenizer.createDetokenizer({ keepSpecial: true })
  const text = ids.map((id) => detokenizer.push(id)).join('')
  return { reason, ids, text }
}
