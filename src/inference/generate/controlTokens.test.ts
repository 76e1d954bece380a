import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { modelFolder, modelJSON, type TestModel } from '../../../test/helpers/embeddedModel.js'
import { hermesSetup } from '../../../test/helpers/hermesModel.js'
import type { ModelSetup } from '../../models/index.js'
import { toolFormatNames } from '../../tools/index.js'
import { Tokenizer } from '../tokenizer/Tokenizer.js'
import type { GenerateRequest } from '../types.js'
import { ChatCodec } from './ChatCodec.js'

// Text from outside must stay text: every added token of every tokenizer here, in every field that a request fills.

const chatML = `{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n`

/** Every model folder with a tokenizer of its own; smollm2-tiny is always among them, for it is asked for by name. */
const folder = path.dirname(modelFolder('smollm2-tiny'))
const names = [...new Map(readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'tokenizer.json'))).map((name) => [fingerprint(name), name as TestModel])).values()]

function fingerprint(name: string): string {
  return ['tokenizer.json', 'chat_template.jinja'].map((file) => path.join(folder, name, file)).map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')).join('')
}

function setupOf(name: TestModel): ModelSetup {
  const template = path.join(folder, name, 'chat_template.jinja')
  return hermesSetup({
    tokenizerJson: modelJSON(name, 'tokenizer.json'),
    tokenizerConfig: modelJSON(name, 'tokenizer_config.json'),
    chatTemplate: existsSync(template) ? readFileSync(template, 'utf8') : chatML,
  })
}

/** A request that has `text` in one place. */
const fields: { [field: string]: (text: string) => GenerateRequest } = {
  'the user’s text': (text) => request({ user: text }),
  'the system prompt': (text) => request({ system: text }),
  'an earlier answer': (text) => request({ assistant: text }),
  'a tool’s description': (text) => request({ description: text }),
  'a parameter’s description': (text) => request({ schema: { description: text } }),
  'a parameter’s values': (text) => request({ schema: { enum: [text] } }),
  'a parameter’s name': (text) => request({ parameter: text }),
  'an earlier call’s argument': (text) => request({ input: { color: text } }),
  'an earlier call’s nested arguments': (text) => request({ input: { colors: [{ [text]: text }] } }),
  'a result': (text) => request({ result: text }),
  'a result in JSON': (text) => request({ result: JSON.stringify({ page: text }) }),
  'the tool’s name in a result': (text) => request({ resultName: text }),
  'a call’s id': (text) => request({ id: text }),
}

interface Contents {
  user?: string
  system?: string
  assistant?: string
  description?: string
  parameter?: string
  schema?: object
  input?: object
  result?: string
  resultName?: string
  id?: string
}

function request({ user = 'Paint', system = 'Be brief', assistant = 'Gladly', description = 'Paints', parameter = 'color', schema = {}, input = { color: 'red' }, result = 'done', resultName = 'paint', id = '1' }: Contents): GenerateRequest {
  return {
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: user },
      { role: 'assistant', content: assistant, toolCalls: [{ id, name: 'paint', input }] },
      { role: 'tool', toolCallId: id, name: resultName, content: result },
      { role: 'user', content: 'And now?' },
    ],
    tools: [{ name: 'paint', description, inputSchema: { type: 'object', properties: { [parameter]: { type: 'string', ...schema } } } }],
  }
}

const setups: [string, ModelSetup][] = [
  ...names.map((name): [string, ModelSetup] => [name, setupOf(name)]),
  ['SmolLM2 with markers as single tokens', hermesSetup()],
]

interface Case {
  codec: ChatCodec
  tokenizer: Tokenizer
  /** Texts that content may hold: each added token, or all of them in one. */
  spelled: string[]
}

/** The model's own template token by token, and each format written into a template that knows no tools. */
const cases = setups.flatMap(([name, setup]): [string, Case][] => {
  const tokenizer = new Tokenizer({ tokenizer: setup.tokenizerJson, config: setup.tokenizerConfig })
  const all = tokenizer.addedTokens.join('')
  const own: [string, Case] = [name, { codec: new ChatCodec(setup, { toolFormat: 'hermes' }), tokenizer, spelled: [...tokenizer.addedTokens, all] }]
  const written = toolFormatNames.map((toolFormat): [string, Case] => {
    const codec = new ChatCodec({ ...setup, chatTemplate: chatML }, { toolFormat })
    return [`${name}, ${toolFormat}`, { codec, tokenizer, spelled: [all] }]
  })
  return [own, ...written]
})

function textOf(tokenizer: Tokenizer, ids: readonly number[]): string {
  const detokenizer = tokenizer.createDetokenizer({ keepSpecial: true })
  return ids.map((id) => detokenizer.push(id)).join('')
}

describe.each(cases)('%s', (_, { codec, tokenizer, spelled }) => {
  const control = new Set(tokenizer.addedTokens.map((token) => tokenizer.idOf(token)))
  const countControl = (ids: readonly number[]) => ids.filter((id) => control.has(id)).length

  it.each(Object.entries(fields))('keeps every added token plain text in %s', (_field, withText) => {
    expect(control.size).toBeGreaterThan(10)
    const harmless = codec.encode(withText('a word b')).ids
    const isShown = textOf(tokenizer, harmless).includes('a word b')
    for (const text of spelled) {
      const { ids } = codec.encode(withText(`a ${text} b`))
      expect([text, countControl(ids)]).toEqual([text, countControl(harmless)])
      // The model still reads it, wherever the template shows the field at all.
      if (isShown) expect(textOf(tokenizer, ids)).toContain(text)
    }
  })
})

describe('prompts that spell no control token', () => {
  it.each(cases)('are tokenized in one piece: %s', (_, { codec, tokenizer }) => {
    const { ids } = codec.encode(request({}))
    expect(tokenizer.encode(textOf(tokenizer, ids))).toEqual(ids)
  })
})
