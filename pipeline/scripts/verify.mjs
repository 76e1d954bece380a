// Greedy answers of one model in one engine in Node, for `edge-llm verify`.
//   node verify.mjs JOB.json ANSWERS.json
// JOB: { engine: 'kit' | 'transformers', model, dtype, maxTokens, cases: [{ id, kit, chat }] }
// ANSWERS: { version, answers: [{ id, promptIds?, promptTokens, ids }] }
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const root = path.resolve(import.meta.dirname, '../..')

/** The project's own engine, as an app's Node code uses it. */
async function answerWithKit({ model, dtype, maxTokens, cases }) {
  const { createEngine } = await import(pathToFileURL(path.join(root, 'dist/engine/index.node.js')).href)
  const engine = createEngine({ models: { onnx: path.resolve(model) }, dtype })
  const answers = []
  try {
    for (const { id, kit } of cases) {
      // The model's own bias would change tokens on this side alone.
      for await (const event of engine.generate({ ...kit, maxTokens, toolCallBias: 0 })) {
        if (event.type === 'finish') answers.push({ id, promptTokens: event.metrics.promptTokens, ids: event.tokenIds })
      }
    }
  } finally {
    engine.dispose()
  }
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  return { version, answers }
}

/** Transformers.js with nothing of ours around it. */
async function answerWithTransformers({ model, dtype, maxTokens, cases }) {
  const { AutoModelForCausalLM, AutoTokenizer, env } = await import('@huggingface/transformers')
  const folder = path.resolve(model)
  env.localModelPath = path.dirname(folder)
  env.allowRemoteModels = false
  const name = path.basename(folder)
  const tokenizer = await AutoTokenizer.from_pretrained(name)
  const network = await AutoModelForCausalLM.from_pretrained(name, { dtype, device: 'cpu' })
  const answers = []
  for (const { id, chat } of cases) {
    const options = { add_generation_prompt: true, return_dict: true, ...(chat.tools && { tools: chat.tools }) }
    const inputs = tokenizer.apply_chat_template(chat.messages, options)
    const output = await network.generate({ ...inputs, max_new_tokens: maxTokens, do_sample: false })
    const ids = Array.from(output.data, Number)
    const promptTokens = inputs.input_ids.dims.at(-1)
    answers.push({ id, promptTokens, promptIds: ids.slice(0, promptTokens), ids: ids.slice(promptTokens) })
  }
  await network.dispose()
  return { version: env.version, answers }
}

const [jobFile, answersFile] = process.argv.slice(2)
const job = JSON.parse(readFileSync(jobFile, 'utf8'))
const run = job.engine === 'kit' ? answerWithKit : answerWithTransformers
writeFileSync(answersFile, JSON.stringify(await run(job)))
