import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { ChatCodec } from '../../inference/generate/ChatCodec.js'
import { findChatTemplates, type JSONObject } from '../../models/index.js'

/** Tokens of a text that are fed at once. */
const chunk = 96

const defaultPrompts = [
  'What is the capital of France?',
  'Write a short poem about the sea.',
  'Explain how a bicycle stays upright.',
  'List three fruits and their colours.',
]

const defaultText = `The lighthouse keeper counted 17 ships before noon, which was more than usual for a
Tuesday in March. "They must know something about the weather," she told her brother, and wrote
the number into the book: date, wind, ships, remarks. In 1893 a storm had taken the roof; since
then every keeper had looked at the sky first and at the sea second.

def ships(book: dict[str, int]) -> int:
    return sum(book.values())

Der Leuchtturm steht noch. 灯台は今も立っている。`

/** What a model is examined on. */
export interface TextOptions {
  /** What a user asks, each a conversation of its own. */
  prompts: readonly string[]
  text: string | undefined
  /** Most tokens in all. */
  tokens: number
}

/**
 * Token ids of conversations, and of a text in pieces. Without prompts and text: a few of both.
 * @throws LLMError where tokenizer or chat template cannot be used.
 */
export function textSequences(folder: string, { prompts, text, tokens }: TextOptions): number[][] {
  const json = (name: string) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as JSONObject
  const tokenizerJson = json('tokenizer.json')
  const tokenizerConfig = json('tokenizer_config.json')
  const jinja = path.join(folder, 'chat_template.jinja')
  const codec = new ChatCodec({
    config: json('config.json'),
    generationConfig: undefined,
    tokenizerJson,
    tokenizerConfig,
    ...findChatTemplates(undefined, existsSync(jinja) ? readFileSync(jinja, 'utf8') : undefined, tokenizerConfig),
    graphPath: '',
    dtype: undefined,
    dtypeReason: '',
    manifest: undefined,
  })
  const isDefault = prompts.length === 0 && text === undefined
  const made = (isDefault ? defaultPrompts : prompts).map((content) => codec.encode({ messages: [{ role: 'user', content }] }).ids)
  const ids = codec.tokenizer.encode((isDefault ? defaultText : text) ?? '')
  // What the tokenizer puts before a text stands before every piece: without it some models never show their largest values.
  const start = startOf(tokenizerJson).flatMap((token) => codec.tokenizer.idOf(token) ?? [])
  for (let at = 0; at < ids.length; at += chunk) made.push([...start, ...ids.slice(at, at + chunk)])
  return cut(made, tokens)
}

/** Special tokens at the start of the tokenizer's template: https://huggingface.co/docs/tokenizers/api/post-processors */
function startOf({ post_processor: processor }: JSONObject): string[] {
  interface Processor {
    type?: string
    single?: { SpecialToken?: { id: string } }[]
    processors?: Processor[]
  }
  const given = (processor ?? {}) as Processor
  const template = [given, ...(given.processors ?? [])].find(({ type }) => type === 'TemplateProcessing')?.single ?? []
  const end = template.findIndex(({ SpecialToken: token }) => token === undefined)
  return template.slice(0, Math.max(0, end)).map(({ SpecialToken: token }) => token!.id)
}

function cut(sequences: readonly number[][], most: number): number[][] {
  const kept: number[][] = []
  let room = most
  for (const ids of sequences) {
    if (room > 0 && ids.length > 0) kept.push(ids.slice(0, room))
    room -= ids.length
  }
  return kept
}
