// Our engine, as an app has it: conversation, engine, worker.
import { createEngine } from 'react-edge-llm/engine'
import { Conversation } from '../../../src/chat/Conversation.ts'
import { Stopwatch } from '../Stopwatch.js'

/** @type {import('../main.js').LoadSide} */
export async function engine({ model, hub, ...config }) {
  const where = hub ? { models: { onnx: `bench/${model}` }, hubURL: hub } : { models: { onnx: `/models/${model}` } }
  const engine = createEngine({ ...where, ...config })
  const loaded = await engine.load()
  return {
    about: `${loaded.backend}, ${loaded.dtype}, ${loaded.threads} threads`,
    async generate(content, maxTokens) {
      const watch = new Stopwatch()
      for await (const event of engine.generate({ messages: [{ role: 'user', content }], maxTokens })) {
        if (event.type === 'text-delta') watch.token()
        if (event.type !== 'finish') continue
        const { promptTokens, reusedTokens, completionTokens, memoryBytes, forwardPasses } = event.metrics
        return watch.figures({ promptTokens, reusedTokens, tokens: completionTokens, memoryBytes, forwardPasses })
      }
    },
    chat: (options) => chatWith(engine, options),
  }
}

function chatWith(engine, { tools: specs = [], ...options }) {
  let started
  let firstMs
  let callMs
  let metrics
  const watched = {
    generate: async function* (request, init) {
      for await (const event of engine.generate(request, init)) {
        if (event.type !== 'start') firstMs ??= performance.now() - started
        if (event.type === 'finish') metrics = event.metrics
        yield event
      }
    },
  }
  const execute = () => {
    callMs ??= performance.now() - started
    return { done: true }
  }
  const tools = specs.map((spec) => ({ ...spec, execute }))
  const conversation = new Conversation(watched, () => ({ ...options, tools, maxSteps: 1, onDoubt: 'execute' }))
  const turn = async (run) => {
    firstMs = callMs = undefined
    started = performance.now()
    await run()
    const totalMs = performance.now() - started
    const { messages, error } = conversation.getSnapshot()
    // What the page throws loses its cause on the way to Node.
    if (error) throw new Error(`${error.message} ${String(error.cause)}`)
    const answer = messages.at(-1).parts.map((part) => part.text ?? (part.input && `${part.toolName}(${JSON.stringify(part.input)})`) ?? '')
    const { promptTokens, reusedTokens, completionTokens: tokens, forwardPasses, memoryBytes } = metrics
    return { callMs, ttftMs: firstMs, totalMs, promptTokens, reusedTokens, tokens, forwardPasses, memoryBytes, answer: answer.join('') }
  }
  return {
    send: (text) => turn(() => conversation.sendMessage({ text })),
    regenerate: () => turn(() => conversation.regenerate()),
  }
}
