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

class TokenStreamer extends BaseStreamer {
  #promptSeen = false

  put() {
    if (this.#promptSeen) postMessage('token')
    this.#promptSeen = true
  }

  end() {}
}

let tokenizer
let model

async function load(setup) {
  env.allowLocalModels = true
  env.allowRemoteModels = false
  env.localModelPath = '/models/'
  env.useBrowserCache = false
  env.useWasmCache = false
  env.backends.onnx.wasm.wasmPaths = {
    mjs: new URL('/ort/ort-wasm-simd-threaded.asyncify.mjs', location.origin).href,
    wasm: new URL('/ort/ort-wasm-simd-threaded.asyncify.wasm', location.origin).href,
  }
  env.backends.onnx.wasm.numThreads = setup.threads
  tokenizer = await AutoTokenizer.from_pretrained(setup.model)
  model = await AutoModelForCausalLM.from_pretrained(setup.model, { dtype: setup.dtype, device: setup.device })
}

async function generate({ content, maxTokens }) {
  const inputs = tokenizer.apply_chat_template([{ role: 'user', content }], { add_generation_prompt: true, return_dict: true })
  await model.generate({ ...inputs, max_new_tokens: maxTokens, do_sample: false, streamer: new TokenStreamer() })
  return {
    promptTokens: inputs.input_ids.dims.at(-1),
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
