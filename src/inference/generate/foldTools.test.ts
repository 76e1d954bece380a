import { describe, expect, it } from 'vitest'
import { modelJSON } from '../../../test/helpers/embeddedModel.js'
import type { ModelSetup } from '../../models/index.js'
import { Tokenizer } from '../tokenizer/Tokenizer.js'
import type { GenerateEvent, PromptMessage } from '../types.js'
import { ChatCodec } from './ChatCodec.js'
import { Turn } from './Turn.js'

const head = `{%- if tools %}{{- '<|im_start|>system\\nList of tools: <|tool_list_start|>' + tools | tojson + '<|tool_list_end|><|im_end|>\\n' }}{%- endif %}`
/** LFM2's template, reduced: it knows tools and results, but drops calls. */
const lfm2 = `${head}{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.role == 'tool' %}{{- '<|tool_response_start|>' + message.content + '<|tool_response_end|>' }}{%- else %}{{- message.content }}{%- endif %}
{{- '<|im_end|>\\n' }}{%- endfor %}{{- '<|im_start|>assistant\\n' }}`
/** One that writes calls but drops what is not user's or assistant's. */
const noResults = `${head}{%- for message in messages %}{%- if message.role != 'tool' %}{{- '<|im_start|>' + message.role + '\\n' + message.content }}
{%- for call in message.tool_calls or [] %}{{- '<tool_call>' + call.function | tojson + '</tool_call>' }}{%- endfor %}{{- '<|im_end|>\\n' }}{%- endif %}{%- endfor %}{{- '<|im_start|>assistant\\n' }}`
const harmony = `{%- for message in messages %}{{- '<|start|>' + message.role + '<|message|>' + message.content + '<|end|>' }}{%- endfor %}{{- '<|start|>assistant' }}`

function codecOf(chatTemplate: string): { codec: ChatCodec; tokenizer: Tokenizer } {
  const setup: ModelSetup = {
    config: { max_position_embeddings: 2048, eos_token_id: 2 },
    generationConfig: undefined,
    tokenizerJson: modelJSON('smollm2-tiny', 'tokenizer.json'),
    tokenizerConfig: modelJSON('smollm2-tiny', 'tokenizer_config.json'),
    chatTemplate,
    toolChatTemplate: undefined,
    graphPath: 'onnx/model.onnx',
    dtype: undefined,
    dtypeReason: '',
    manifest: undefined,
  }
  return { codec: new ChatCodec(setup), tokenizer: new Tokenizer({ tokenizer: setup.tokenizerJson, config: setup.tokenizerConfig }) }
}

const paint = { name: 'paint', description: 'Paints', inputSchema: { type: 'object', properties: { color: { type: 'string' } } } }
const conversation: PromptMessage[] = [
  { role: 'user', content: 'Paint it red' },
  { role: 'assistant', content: 'Sure.', toolCalls: [{ id: '1', name: 'paint', input: { color: 'red' } }] },
  { role: 'tool', toolCallId: '1', name: 'paint', content: '{"ok":true}' },
]

function promptOf(chatTemplate: string): string {
  const { codec, tokenizer } = codecOf(chatTemplate)
  const detokenizer = tokenizer.createDetokenizer({ keepSpecial: true })
  return codec.encode({ messages: conversation, tools: [paint] }).ids.map((id) => detokenizer.push(id)).join('')
}

describe('a template that knows tools', () => {
  it('gets the calls that it would leave out, in its family\'s format', () => {
    const prompt = promptOf(lfm2)
    expect(prompt).toContain('assistant\nSure.\n<|tool_call_start|>[paint(color="red")]<|tool_call_end|><|im_end|>')
    expect(prompt).toContain('tool\n<|tool_response_start|>{"ok":true}<|tool_response_end|><|im_end|>')
    expect(prompt.match(/"ok"/g)).toHaveLength(1)
  })

  it('gets the results that it would leave out', () => {
    const prompt = promptOf(noResults)
    expect(prompt).toContain('Sure.<tool_call>{"name": "paint", "arguments": {"color": "red"}}</tool_call><|im_end|>')
    expect(prompt).toContain('user\n<tool_response>\n{"ok":true}\n</tool_response><|im_end|>')
    expect(prompt.match(/"paint"/g)).toHaveLength(2)
  })
})

it('is not given a format where its template writes calls in a way that none does', () => {
  const source = noResults.replace("'<tool_call>' + call.function | tojson + '</tool_call>'", "'<tool_call>CALL ' + call.function.name + ' WITH ' + call.function.arguments | tojson + '</tool_call>'")
  expect(codecOf(source).codec.toolFormat).toBeUndefined()
  expect(codecOf(noResults).codec.toolFormat).toBe('hermes')
})

it('channels of a family that has them are told apart without tools as well', () => {
  const { codec, tokenizer } = codecOf(`${harmony}{# <|channel|> #}`)
  const events: GenerateEvent[] = []
  const turn = new Turn(codec, { messages: [{ role: 'user', content: 'Hi' }] }, (update) => events.push(...update.events))
  turn.start(0)
  for (const id of tokenizer.encode('<|channel|>analysis<|message|>Greet.<|end|><|start|>assistant<|channel|>final<|message|>Hello.')) turn.accept(id)
  turn.finish('ended', undefined)
  const textOf = (type: 'text-delta' | 'reasoning-delta') => events.map((event) => (event.type === type ? event.text : '')).join('')
  expect(textOf('reasoning-delta')).toBe('Greet.')
  expect(textOf('text-delta')).toBe('Hello.')
})
