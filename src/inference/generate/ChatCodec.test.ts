import { describe, expect, it } from 'vitest'
import { modelJSON } from '../../../test/helpers/embeddedModel.js'
import type { ModelSetup } from '../../models/index.js'
import { Tokenizer } from '../tokenizer/Tokenizer.js'
import type { GenerateEvent, GenerateRequest, GenerateUpdate, PromptMessage } from '../types.js'
import { ChatCodec } from './ChatCodec.js'
import { Turn } from './Turn.js'

const chatML = `{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n`
const withTools = `{% if tools %}<tool_call>{{ tools | tojson }}\n{% endif %}${chatML}`

function setup(changes: Partial<ModelSetup> = {}): ModelSetup {
  return {
    config: { max_position_embeddings: 512, eos_token_id: 2 },
    generationConfig: undefined,
    tokenizerJson: modelJSON('smollm2-tiny', 'tokenizer.json'),
    tokenizerConfig: modelJSON('smollm2-tiny', 'tokenizer_config.json'),
    chatTemplate: chatML,
    toolChatTemplate: undefined,
    graphPath: 'onnx/model.onnx',
    dtype: undefined,
    dtypeReason: '',
    manifest: undefined,
    ...changes,
  }
}

const tokenizer = new Tokenizer({ tokenizer: setup().tokenizerJson, config: setup().tokenizerConfig })

function textOf(ids: readonly number[]): string {
  const detokenizer = tokenizer.createDetokenizer({ keepSpecial: true })
  return ids.map((id) => detokenizer.push(id)).join('')
}

const paint = {
  name: 'paint',
  description: 'Paints the square',
  inputSchema: { type: 'object', properties: { color: { type: 'string' } }, required: ['color'] },
}
const user: PromptMessage = { role: 'user', content: 'Paint it red' }

describe('prompts', () => {
  it('put tools into the system message where the template does not know them', () => {
    const codec = new ChatCodec(setup(), { toolFormat: 'hermes' })
    expect(codec.templateHasTools).toBe(false)
    const prompt = textOf(codec.encode({ messages: [{ role: 'system', content: 'Be brief.' }, user], tools: [paint] }).ids)
    expect(prompt).toMatch(/^<\|im_start\|>system\nBe brief\./)
    expect(prompt).toContain('"name": "paint"')
    expect(prompt.match(/<\|im_start\|>system/g)).toHaveLength(1)
  })

  it('leave tools to a template that knows them', () => {
    const codec = new ChatCodec(setup({ chatTemplate: withTools }))
    expect(codec.templateHasTools).toBe(true)
    const prompt = textOf(codec.encode({ messages: [user], tools: [paint] }).ids)
    expect(prompt).toContain('"parameters"')
    expect(prompt).not.toContain('<|im_start|>system')
  })

  it('take the template for tools only when there are tools', () => {
    const codec = new ChatCodec(setup({ toolChatTemplate: `WITH TOOLS ${withTools}` }))
    expect(textOf(codec.encode({ messages: [user] }).ids)).not.toContain('WITH TOOLS')
    expect(textOf(codec.encode({ messages: [user], tools: [paint] }).ids)).toContain('WITH TOOLS')
  })

  it('write calls and results of earlier steps as text', () => {
    const codec = new ChatCodec(setup(), { toolFormat: 'hermes' })
    const messages: PromptMessage[] = [
      user,
      { role: 'assistant', content: '', toolCalls: [{ id: '1', name: 'paint', input: { color: 'red' } }] },
      { role: 'tool', toolCallId: '1', name: 'paint', content: '{"ok":true}' },
    ]
    const prompt = textOf(codec.encode({ messages, tools: [paint] }).ids)
    expect(prompt).toMatch(/assistant\n<tool_call>\n\{"name": "paint", "arguments": \{"color": "red"\}\}\n<\/tool_call>/)
    expect(prompt).toMatch(/user\n<tool_response>\n\{"ok":true\}\n<\/tool_response>/)
  })

  it('refuse tools for a model without a tool format', () => {
    const codec = new ChatCodec(setup({ chatTemplate: '{{ messages[0].content }}' }))
    expect(codec.toolFormat).toBeUndefined()
    expect(() => codec.encode({ messages: [user], tools: [paint] })).toThrow(expect.objectContaining({ code: 'invalid-request', subject: 'tools' }))
  })
})

describe('end tokens', () => {
  it('come from every place that names them', () => {
    const codec = new ChatCodec(setup({ config: { eos_token_id: 5 }, generationConfig: { eos_token_id: [6, 7] } }))
    for (const id of [5, 6, 7, tokenizer.idOf('<|im_end|>')!]) expect(codec.endTokens.has(id)).toBe(true)
  })
})

describe('a turn', () => {
  /** Runs a turn on tokens as if a model had picked them. */
  function run(codec: ChatCodec, request: GenerateRequest, answer: string) {
    const updates: GenerateUpdate[] = []
    const turn = new Turn(codec, request, (update) => updates.push(update))
    turn.start(0)
    for (const id of tokenizer.encode(answer)) if (!turn.accept(id)) break
    turn.finish('ended', undefined)
    return updates.flatMap(({ events }) => events)
  }
  const reasonOf = (events: GenerateEvent[]) => events.map((event) => (event.type === 'finish' ? event.reason : '')).join('')
  const codec = new ChatCodec(setup(), { toolFormat: 'hermes' })

  it('gives text, without the marker that ends it', () => {
    const events = run(codec, { messages: [user] }, 'Red it is.<|im_end|>never seen')
    expect(events[0]).toMatchObject({ type: 'start', reusedTokens: 0 })
    expect(events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')).toBe('Red it is.')
    expect(reasonOf(events)).toBe('stop')
  })

  it('gives tool calls as they stream, and finishes for them', () => {
    const events = run(codec, { messages: [user], tools: [paint] }, '<tool_call>\n{"name": "paint", "arguments": {"color": "red"}}\n</tool_call><|im_end|>')
    expect(events.map(({ type }) => type)).toContain('tool-input-start')
    expect(events.find(({ type }) => type === 'tool-call')).toMatchObject({ name: 'paint', input: { color: 'red' } })
    expect(reasonOf(events)).toBe('tool-calls')
  })

  it('continues a forced call that the prompt began', () => {
    const events = run(codec, { messages: [user], tools: [paint], toolChoice: { name: 'paint' } }, ' {"color": "red"}}\n</tool_call><|im_end|>')
    expect(events.find(({ type }) => type === 'tool-call')).toMatchObject({ name: 'paint', input: { color: 'red' } })
  })

  it('is over when it has all its tokens, or none is left', () => {
    expect(reasonOf(run(codec, { messages: [user], maxTokens: 3 }, 'one two three four five six'))).toBe('length')
    const small = new ChatCodec(setup({ config: { max_position_embeddings: 24, eos_token_id: 2 } }))
    const events = run(small, { messages: [user] }, 'word '.repeat(40))
    const finish = events.at(-1)
    expect(reasonOf(events)).toBe('length')
    expect(finish?.type === 'finish' && finish.metrics.promptTokens + finish.tokenIds.length).toBe(24)
  })

  it('is over at a stop string', () => {
    const events = run(codec, { messages: [user], stop: ['STOP'] }, 'go on STOP here')
    expect(events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')).toBe('go on ')
    expect(reasonOf(events)).toBe('stop')
  })
})

describe('the beginning that conversations share', () => {
  const system: PromptMessage = { role: 'system', content: 'You paint squares in a gallery.' }
  const anchorOf = (codec: ChatCodec, request: GenerateRequest) => {
    const { ids } = codec.encode(request)
    return textOf(ids.slice(0, codec.anchorLength(request, ids)))
  }

  it('is the prompt up to the first user message, with tools wherever the template puts them', () => {
    const start = '<|im_start|>system\nYou paint squares in a gallery.<|im_end|>\n<|im_start|>user\n'
    expect(anchorOf(new ChatCodec(setup()), { messages: [system, user] })).toBe(start)
    const inTemplate = anchorOf(new ChatCodec(setup({ chatTemplate: withTools })), { messages: [system, user], tools: [paint] })
    expect(inTemplate).toMatch(/^<tool_call>.*"paint"/)
    expect(inTemplate.endsWith(start)).toBe(true)
    const inText = anchorOf(new ChatCodec(setup(), { toolFormat: 'hermes' }), { messages: [system, user], tools: [paint], toolChoice: 'required' })
    expect(inText).toMatch(/^<\|im_start\|>system\nYou paint.*"name": "paint".*<\|im_start\|>user\n$/s)
  })

  it('is the same for every conversation, and a beginning of each one’s tokens', () => {
    const codec = new ChatCodec(setup())
    const contents = ['Paint it red', ' red', '7', '\n\nred', 'ß', '', 'Ab', 'A']
    const lengths = contents.map((content) => {
      const request = { messages: [system, { role: 'user', content } as const] }
      const { ids } = codec.encode(request)
      return codec.anchorLength(request, ids)
    })
    // White space at the start of a message may be one token with what stands before it.
    const longest = Math.max(...lengths)
    expect(lengths.filter((length) => length === longest).length).toBeGreaterThan(5)
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(longest - 1)
    const long: PromptMessage[] = [system, user, { role: 'assistant', content: 'Done.' }, { role: 'user', content: 'And blue' }]
    expect(anchorOf(codec, { messages: long })).toBe(anchorOf(codec, { messages: [system, user] }))
  })

  it('follows another system prompt and other tools', () => {
    const codec = new ChatCodec(setup({ chatTemplate: withTools }))
    const one = anchorOf(codec, { messages: [system, user], tools: [paint] })
    expect(anchorOf(codec, { messages: [{ ...system, content: 'Sing.' }, user], tools: [paint] })).toContain('Sing.')
    expect(anchorOf(codec, { messages: [system, user], tools: [{ ...paint, name: 'draw' }] })).toContain('draw')
    expect(anchorOf(codec, { messages: [system, user], tools: [paint], toolChoice: 'none' })).not.toContain('paint"')
    expect(anchorOf(codec, { messages: [system, user], tools: [paint] })).toBe(one)
  })

  it('is nothing where the template refuses to write it', () => {
    const strict = `{% if messages | length < 3 %}{{ raise_exception('too short') }}{% endif %}${chatML}`
    const messages: PromptMessage[] = [user, { role: 'assistant', content: 'Done.' }, user]
    expect(anchorOf(new ChatCodec(setup({ chatTemplate: strict })), { messages })).toBe('')
  })
})
