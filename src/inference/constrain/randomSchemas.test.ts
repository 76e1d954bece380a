import { expect, it } from 'vitest'
import { formatCodecs } from '../../../test/helpers/formatCodecs.js'
import { RandomSchemas } from '../../../test/helpers/randomSchema.js'
import { ScriptedBackend } from '../../../test/helpers/ScriptedBackend.js'
import { loadGrammarLibrary } from '../../../test/helpers/grammarLibrary.js'
import { createJSONValidator } from '../../tools/index.js'
import type { ChatCodec } from '../generate/ChatCodec.js'
import { Decoder } from '../generate/Decoder.js'
import { Turn } from '../generate/Turn.js'
import { Random } from '../sampling/Random.js'
import { Sampler } from '../sampling/Sampler.js'
import type { GenerateEvent, GenerateRequest } from '../types.js'
import { Guides } from './Guides.js'

/** `GRAMMAR_SCHEMAS=500 npx vitest run --project unit src/inference/constrain/randomSchemas.test.ts` */
const count = Number(process.env.GRAMMAR_SCHEMAS ?? 25)

const vocabSize = 49_152
/** What brings text to an end: noise alone would hardly ever close a string. */
const closersText = ['"', '"}', '"]', '}', ']', '}}', ']}', '",', ',', '@', '.', 'com', '-', '1', 'x', "'", "',", "')", ')', '])', ':', '<escape>', '<|"|>', '</parameter>', '\n</parameter>']

/** Those that go on with what they end a part of. */
const continuing = new Set(['",', ',', "',", '@', '.', 'com', '-', '1', 'x', ':'])

/**
 * After twenty tokens of noise, now one closer is likely and now another; what is begun is written to its end. After
 * four hundred, those that go on with a list or an object are likely no more.
 */
const closing = (length: number, all: readonly (readonly number[])[]) => (fed: readonly number[]) => {
  const written = fed.length - length
  if (written <= 20) return []
  const closers = written <= 400 ? all : all.filter((_, i) => !continuing.has(closersText[i]!))
  const begun = closers.flatMap((ids) => ids.slice(1).flatMap((next, i) => (ids.slice(0, i + 1).every((id, k) => fed.at(k - i - 1) === id) ? [[next, 60] as const] : [])))
  return [...closers.map(([id], i) => [id!, 20 + (Math.imul(fed.length * 31 + fed.at(-1)! * 17 + i, 0x9e3779b1) >>> 8) % 23] as const), ...begun]
}

async function answer(codec: ChatCodec, guides: Guides, request: GenerateRequest) {
  const events: GenerateEvent[] = []
  const turn = new Turn(codec, request, (update) => events.push(...update.events), guides)
  // Of most only the first token, so that noise stays noise.
  const ends = closersText.map((text) => codec.tokenizer.encode(text).slice(0, text.includes('</') ? undefined : 1))
  const backend = new ScriptedBackend(vocabSize, closing(turn.prompt.length, ends))
  const sampler = new Sampler(vocabSize)
  sampler.start(request, turn.prompt)
  const { guide } = turn
  const onPrefill = (reused: number) => turn.start(reused)
  const outcome = await new Decoder(backend).decode({ prompt: turn.prompt, sampler, guide, probe: { check: () => false }, onPrefill, onToken: (id) => turn.accept(id) })
  turn.finish(outcome, undefined)
  return events
}

it.each(formatCodecs)(`%s: ${count} random schemas and noise for a model give calls that are all valid`, { timeout: count * 2000 }, async (_, codec) => {
  const guides = new Guides(codec, loadGrammarLibrary)
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
    const events = await answer(codec, guides, request)
    const calls = events.filter((event) => event.type === 'tool-call')
    const problem = calls.length === 1 ? createJSONValidator(inputSchema)(calls[0]!.input) : 'no call'
    const error = events.find((event) => event.type === 'tool-error')
    if (problem !== undefined) wrong.push({ problem, message: error?.message, inputSchema, raw: error?.raw })
  }
  expect(wrong.slice(0, 5).map((item) => JSON.stringify(item).slice(0, 1500))).toEqual([])
})
