// wllama (llama.cpp in WebAssembly), on the CPU.
import { Template } from '@huggingface/jinja'
import { LoggerWithoutDebug, Wllama } from '@wllama/wllama/esm/index.js'
import { peerChat } from '../peerChat.js'
import { Stopwatch } from '../Stopwatch.js'

/** @type {import('../main.js').LoadSide} */
export async function wllama({ model, gguf, threads, hub, context = 2048 }) {
  const wllama = new Wllama({ default: '/wllama/wllama.wasm' }, { suppressNativeLog: true, logger: LoggerWithoutDebug })
  // Otherwise it may fetch an older build from a server of others.
  wllama.setCompat(null)
  const params = { n_threads: threads, n_ctx: context, n_gpu_layers: 0, n_parallel: 1 }
  if (hub) await wllama.loadModelFromUrl(new URL(gguf, location.origin).href, { ...params, useCache: true })
  else await wllama.loadModel([await (await fetch(gguf)).blob()], params)

  const greedy = { temperature: 0, timings_per_token: true, stream: true }
  const factsOf = ({ prompt_n: fed, cache_n: reusedTokens = 0, predicted_n: tokens }) => ({ promptTokens: fed + reusedTokens, reusedTokens, tokens })

  let template
  const complete = async (prompt, onText) => {
    template ??= new Template(await (await fetch(`/models/${model}/chat_template.jinja`)).text())
    const rendered = template.render({ ...prompt, add_generation_prompt: true })
    let timings
    let text = ''
    const chunks = await wllama.createCompletion({ prompt: rendered, max_tokens: prompt.maxTokens, cache_prompt: true, ...greedy })
    for await (const chunk of chunks) {
      timings = chunk.timings ?? timings
      text += chunk.choices[0]?.text ?? ''
      if (text) onText(text)
    }
    return factsOf(timings)
  }
  return {
    about: `wllama, ${gguf.split('/').at(-1)}, ${wllama.isMultithread() ? wllama.getNumThreads() : 1} threads`,
    async generate(content, maxTokens) {
      const watch = new Stopwatch()
      let timings
      const messages = [{ role: 'user', content }]
      const chunks = await wllama.createChatCompletion({ messages, max_tokens: maxTokens, ignore_eos: true, cache_prompt: false, ...greedy })
      for await (const chunk of chunks) {
        timings = chunk.timings ?? timings
        if (chunk.choices[0]?.delta?.content) watch.token()
      }
      return watch.figures(factsOf(timings))
    },
    chat: (options) => peerChat(complete, options),
  }
}
