// Transformers.js by itself in a worker, as its documentation recommends: what we are measured against.
import { AutoModelForCausalLM, AutoTokenizer, BaseStreamer, env } from '@huggingface/transformers'

const memories = []
const Memory = WebAssembly.Memory
WebAssembly.Memory = class extends Memory {
  constructor(descriptor) {
    super(descriptor)
    memories.push(this)
  }
}

let tokenizer
let model

/** Tells the page all of the answer's text, token by token. */
class TextStreamer extends BaseStreamer {
  /** @type {bigint[] | undefined} */
  ids

  put([ids]) {
    // The prompt comes first.
    if (this.ids === undefined) {
      this.ids = []
      return
    }
    this.ids.push(...ids)
    postMessage({ text: tokenizer.decode(this.ids, { skip_special_tokens: true }) })
  }

  end() {}
}

async function load(setup) {
  env.allowLocalModels = setup.hub === undefined
  env.allowRemoteModels = setup.hub !== undefined
  env.localModelPath = '/models/'
  if (setup.hub !== undefined) {
    env.remoteHost = setup.hub
    env.remotePathTemplate = '{model}/resolve/{revision}/'
  }
  env.useBrowserCache = setup.hub !== undefined
  env.useWasmCache = false
  env.backends.onnx.wasm.wasmPaths = {
    mjs: new URL('/ort/ort-wasm-simd-threaded.asyncify.mjs', location.origin).href,
    wasm: new URL('/ort/ort-wasm-simd-threaded.asyncify.wasm', location.origin).href,
  }
  env.backends.onnx.wasm.numThreads = setup.threads
  const name = setup.hub === undefined ? setup.model : `bench/${setup.model}`
  tokenizer = await AutoTokenizer.from_pretrained(name)
  model = await AutoModelForCausalLM.from_pretrained(name, { dtype: setup.dtype, device: setup.device })
}

async function generate({ messages, tools, maxTokens }) {
  const inputs = tokenizer.apply_chat_template(messages, { tools, add_generation_prompt: true, return_dict: true })
  const streamer = new TextStreamer()
  await model.generate({ ...inputs, max_new_tokens: maxTokens, do_sample: false, streamer })
  return {
    promptTokens: inputs.input_ids.dims.at(-1),
    tokens: streamer.ids.length,
    memoryBytes: memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
  }
}

onmessage = async ({ data }) => {
  try {
    postMessage(data.load ? ((await load(data.load)), {}) : await generate(data))
  } catch (error) {
    postMessage({ error: String(error) })
  }
}
