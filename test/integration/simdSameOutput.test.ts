import { describe, expect, it } from 'vitest'
import { ChatCodec } from '../../src/inference/generate/ChatCodec.js'
import { DecoderRuntime } from '../../src/inference/generate/DecoderRuntime.js'
import type { GenerateEvent, GenerateRequest } from '../../src/inference/types.js'
import { loadModelFiles, resolveModel } from '../../src/models/index.js'
import { nodeFetch } from '../../src/models/node.js'
import { modelFolder } from '../helpers/embeddedModel.js'
import { loadGrammarLibrary } from '../helpers/grammarLibrary.js'
import { openOnSimd } from '../helpers/simd/nodePlatform.js'

const tools = [
  {
    name: 'set_square_color',
    description: 'Change the color of the square',
    inputSchema: { type: 'object', properties: { color: { type: 'string', enum: ['red', 'green', 'blue', 'dark orange'] } }, required: ['color'] },
  },
  {
    name: 'set_timer',
    description: 'Start a timer',
    inputSchema: { type: 'object', properties: { minutes: { type: 'integer', minimum: 1, maximum: 180 }, repeat: { type: 'boolean' } }, required: ['minutes'] },
  },
]

/** One conversation, so that each prompt begins with the one before. */
const sentences = ['Make the square dark orange', 'Set a timer for 12 minutes', 'Thank you, that is all']

interface Options {
  threads: number
  reusePrefix: boolean
  jumpForward: boolean
}

/** What the embedded model answers on the core: token ids, calls, and how much of each prompt was reused. */
async function talk({ threads, ...decoder }: Options) {
  const source = resolveModel(modelFolder('function-caller'), { baseURL: 'file:///' })
  const files = await loadModelFiles(source, { device: 'cpu', adapterFeatures: [], dtype: 'q4', fetch: nodeFetch })
  const open = () => openOnSimd(files, threads)
  const runtime = await DecoderRuntime.load({ open, model: source.options, files, codec: new ChatCodec(files, source.options), startedAt: 0, decoder, loadGrammar: loadGrammarLibrary })
  expect(runtime.model).toMatchObject({ backend: 'simd', threads })
  const messages: GenerateRequest['messages'] = []
  const answers: { ids: number[]; calls: unknown[] }[] = []
  const prompts: number[] = []
  const reused: number[] = []
  for (const content of sentences) {
    messages.push({ role: 'user', content })
    const events: GenerateEvent[] = []
    await runtime.generate({ messages, tools, maxTokens: 48 }, (update) => events.push(...update.events), { check: () => false })
    const finish = events.at(-1)
    if (finish?.type !== 'finish') throw new Error('The last event is not `finish`')
    const calls = events.flatMap((event) => (event.type === 'tool-call' ? [{ name: event.name, input: event.input }] : []))
    answers.push({ ids: finish.tokenIds, calls })
    prompts.push(finish.metrics.promptTokens)
    reused.push(finish.metrics.reusedTokens)
    messages.push({ role: 'assistant', content: calls.length > 0 ? 'Done.' : 'You are welcome.' })
  }
  await runtime.dispose()
  return { answers, prompts, reused }
}

describe('the SIMD core', () => {
  it('gives the same tokens with any number of threads, with prefix reuse and jump-forward or without', async () => {
    const plain = await talk({ threads: 1, reusePrefix: false, jumpForward: false })
    expect(plain.reused).toEqual([0, 0, 0])
    expect(plain.answers[0]!.calls).toEqual([{ name: 'set_square_color', input: { color: 'dark orange' } }])
    expect(plain.answers[1]!.calls).toMatchObject([{ name: 'set_timer', input: { minutes: 12 } }])
    for (const options of [
      { threads: 1, reusePrefix: true, jumpForward: true },
      { threads: 2, reusePrefix: true, jumpForward: false },
      { threads: 4, reusePrefix: false, jumpForward: true },
    ]) {
      const { answers, prompts, reused } = await talk(options)
      expect(answers).toEqual(plain.answers)
      // All of the prompt before, to the token.
      if (options.reusePrefix) for (const [i, count] of reused.slice(1).entries()) expect(count).toBeGreaterThanOrEqual(prompts[i]!)
      else expect(reused).toEqual([0, 0, 0])
    }
  })
})
