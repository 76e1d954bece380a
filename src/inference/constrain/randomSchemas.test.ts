import { expect, it } from 'vitest'
import { hermesSetup } from '../../../test/helpers/hermesModel.js'
import { RandomSchemas } from '../../../test/helpers/randomSchema.js'
import { ScriptedBackend } from '../../../test/helpers/ScriptedBackend.js'
import { loadGrammarLibrary } from '../../../test/helpers/grammarLibrary.js'
import { createJSONValidator } from '../../tools/index.js'
import { ChatCodec } from '../generate/ChatCodec.js'
import { Decoder } from '../generate/Decoder.js'
import { Turn } from '../generate/Turn.js'
import { Random } from '../sampling/Random.js'
import { Sampler } from '../sampling/Sampler.js'
import type { GenerateEvent, GenerateRequest } from '../types.js'
import { Guides } from './Guides.js'

/** `GRAMMAR_SCHEMAS=500 npx vitest run --project unit src/inference/constrain/randomSchemas.test.ts` */
const count = Number(process.env.GRAMMAR_SCHEMAS ?? 60)

const codec = new ChatCodec(hermesSetup())
const guides = new Guides(codec, loadGrammarLibrary)
const vocabSize = 49_152
/** What brings text to an end: noise alone would hardly ever close a string. */
const closers = ['"', '"}', '"]', '}', ']', '}}', ']}', '",', ',', '@', '.', 'com', '-', '1', 'x'].flatMap((text) => codec.tokenizer.encode(text).slice(0, 1))

/** After twenty tokens of noise, now one closer is likely and now another. */
const closing = (length: number) => (fed: readonly number[]) =>
  fed.length - length > 20 ? closers.map((id, i) => [id, 20 + ((fed.length * 7 + fed.at(-1)! * 13 + i * 5) % 23)] as const) : []

async function answer(request: GenerateRequest) {
  const events: GenerateEvent[] = []
  const turn = new Turn(codec, request, (update) => events.push(...update.events), guides)
  const backend = new ScriptedBackend(vocabSize, closing(turn.prompt.length))
  const sampler = new Sampler(vocabSize)
  sampler.start(request, turn.prompt)
  const { guide } = turn
  const onPrefill = (reused: number) => turn.start(reused)
  const outcome = await new Decoder(backend).decode({ prompt: turn.prompt, sampler, guide, probe: { check: () => false }, onPrefill, onToken: (id) => turn.accept(id) })
  turn.finish(outcome, undefined)
  return events
}

it(`${count} random schemas and noise for a model give calls that are all valid`, { timeout: count * 2000 }, async () => {
  const random = new Random(11)
  const schemas = new RandomSchemas(random)
  const wrong: unknown[] = []
  for (let seed = 0; seed < count; seed++) {
    const inputSchema = schemas.object()
    const request: GenerateRequest = {
      messages: [{ role: 'user', content: 'Go' }],
      tools: [{ name: 'go', description: '', inputSchema }],
      toolChoice: 'required',
      constrained: true,
      parallelToolCalls: false,
      maxTokens: 1200,
      ...(seed % 2 === 0 && { temperature: 1, seed }),
    }
    const events = await answer(request)
    const calls = events.filter((event) => event.type === 'tool-call')
    const problem = calls.length === 1 ? createJSONValidator(inputSchema)(calls[0]!.input) : 'no call'
    if (problem !== undefined) wrong.push({ inputSchema, problem, error: events.find(({ type }) => type === 'tool-error') })
  }
  expect(wrong.slice(0, 5).map((item) => JSON.stringify(item).slice(0, 1500))).toEqual([])
})
