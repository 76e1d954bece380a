import { AutoModelForCausalLM, AutoTokenizer, env, type Tensor } from '@huggingface/transformers'
import { createEngine, type LLMConfig } from 'react-edge-llm/engine'
import { beforeAll, expect, inject, it } from 'vitest'
import { prompts as all } from '../helpers/prompts.js'

declare module 'vitest' {
  interface ProvidedContext {
    isLong: boolean
  }
}

// The real model, 64 tokens a prompt: all 20 prompts take minutes on a small machine and run with LONG=1.
// Node's half of this test takes more of them.
const prompts = all.filter((_, i) => i % 8 === 0 || inject('isLong'))
const minutes = 60_000
const model = 'smollm2-135m-instruct'
const maxTokens = 64

const expected: number[][] = []

beforeAll(async () => {
  env.allowLocalModels = true
  env.allowRemoteModels = false
  env.localModelPath = '/models/'
  env.useBrowserCache = false
  env.useWasmCache = false
  const backend = env.backends.onnx.wasm!
  backend.wasmPaths = {
    mjs: new URL('../../dist/worker/ort-wasm-simd-threaded.asyncify.mjs', import.meta.url).href,
    wasm: new URL('../../dist/worker/ort-wasm-simd-threaded.asyncify.wasm', import.meta.url).href,
  }
  backend.numThreads = Math.min(4, navigator.hardwareConcurrency)

  const tokenizer = await AutoTokenizer.from_pretrained(model)
  const network = await AutoModelForCausalLM.from_pretrained(model, { dtype: 'q8', device: 'wasm' })
  for (const content of prompts) {
    const inputs = tokenizer.apply_chat_template([{ role: 'user', content }], { add_generation_prompt: true, return_dict: true }) as { input_ids: Tensor }
    const output = (await network.generate({ ...inputs, max_new_tokens: maxTokens, do_sample: false } as never)) as Tensor
    expected.push(Array.from(output.data as BigInt64Array, Number).slice(inputs.input_ids.dims.at(-1)))
  }
  await network.dispose()
}, 10 * minutes)

it.each(['onnx', 'transformers'])('runtime %s on WASM: the same tokens as Transformers.js', async (runtime) => {
  const engine = createEngine({ models: { [runtime]: `/models/${model}` } as LLMConfig['models'], device: 'wasm', dtype: 'q8' })
  const answers: number[][] = []
  for (const content of prompts) {
    for await (const event of engine.generate({ messages: [{ role: 'user', content }], maxTokens })) {
      if (event.type === 'finish') answers.push(event.tokenIds)
    }
  }
  engine.dispose()
  expect(answers).toEqual(expected)
}, 10 * minutes)
