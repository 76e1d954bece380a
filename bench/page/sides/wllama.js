// wllama (llama.cpp in WebAssembly), on the CPU.
import { LoggerWithoutDebug, Wllama } from '@wllama/wllama/esm/index.js'
import { Stopwatch } from '../Stopwatch.js'

/** @type {import('../main.js').LoadSide} */
export async function wllama({ gguf, threads }) {
  const wllama = new Wllama({ default: '/wllama/wllama.wasm' }, { suppressNativeLog: true, logger: LoggerWithoutDebug })
  // Otherwise it may fetch an older build from a server of others.
  wllama.setCompat(null)
  const weights = await (await fetch(gguf)).blob()
  await wllama.loadModel([weights], { n_threads: threads, n_ctx: 2048, n_gpu_layers: 0, n_parallel: 1 })
  return {
    about: `wllama, ${gguf.split('/').at(-1)}, ${wllama.isMultithread() ? wllama.getNumThreads() : 1} threads`,
    async generate(content, maxTokens) {
      const watch = new Stopwatch()
      let timings
      const chunks = await wllama.createChatCompletion({
        messages: [{ role: 'user', content }],
        max_tokens: maxTokens,
        temperature: 0,
        ignore_eos: true,
        cache_prompt: false,
        timings_per_token: true,
        stream: true,
      })
      for await (const chunk of chunks) {
        timings = chunk.timings ?? timings
        if (chunk.choices[0]?.delta?.content) watch.token()
      }
      const { prompt_n: fed, cache_n: reusedTokens = 0, predicted_n: tokens } = timings
      return watch.figures({ promptTokens: fed + reusedTokens, reusedTokens, tokens })
    },
  }
}
