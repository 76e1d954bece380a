import { describe, expect, it } from 'vitest'
import { isLLMError } from '../../errors/index.js'
import { ChatTemplate } from './ChatTemplate.js'

const plain = `{% for m in messages %}<{{ m.role }}>{{ m.content }}</s>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}`

describe('ChatTemplate', () => {
  it('renders messages up to the answer, with the model’s named tokens', () => {
    const template = new ChatTemplate(`{{ bos_token }}${plain}`, { bos_token: '<s>' })
    expect(template.render({ messages: [{ role: 'user', content: 'Hi' }] })).toBe('<s><user>Hi</s><assistant>')
  })

  it('sees whether a template knows tools', () => {
    expect(new ChatTemplate(plain, {}).knowsTools).toBe(false)
    expect(new ChatTemplate(`{% if tools %}{{ tools | tojson }}{% endif %}${plain}`, {}).knowsTools).toBe(true)
    expect(new ChatTemplate(`the word tools in text ${plain}`, {}).knowsTools).toBe(false)
  })

  it('passes tools and calls in the shape of OpenAI’s API', () => {
    const template = new ChatTemplate(
      `{% for t in tools %}{{ t.type }}:{{ t.function.name }}:{{ t.function.parameters.type }};{% endfor %}` +
        `{% for m in messages %}{% for c in m.tool_calls or [] %}{{ c.function.name }}={{ c.function.arguments.color }};{% endfor %}` +
        `{% if m.role == 'tool' %}{{ m.name }}/{{ m.tool_call_id }}={{ m.content }}{% endif %}{% endfor %}`,
      {},
    )
    const prompt = template.render({
      messages: [
        { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'paint', input: { color: 'red' } }] },
        { role: 'tool', toolCallId: 'c1', name: 'paint', content: 'done' },
      ],
      tools: [{ name: 'paint', description: 'Paints', inputSchema: { type: 'object' } }],
    })
    expect(prompt).toBe('function:paint:object;paint=red;paint/c1=done')
  })

  it('leaves `tools` undefined where there are none', () => {
    const template = new ChatTemplate(`{% if tools is defined %}yes{% else %}no{% endif %}`, {})
    expect(template.render({ messages: [], tools: [] })).toBe('no')
  })

  it('turns a template’s refusal into an error that quotes it', () => {
    const template = new ChatTemplate(`{{ raise_exception('roles must alternate') }}`, {})
    const refuse = () => template.render({ messages: [] })
    expect(refuse).toThrow(/roles must alternate/)
    expect(refuse).toThrow(expect.objectContaining({ code: 'chat-template-failed' }))
  })

  it('says that a template is not valid', () => {
    try {
      new ChatTemplate('{% for %}', {})
      expect.unreachable()
    } catch (error) {
      expect(isLLMError(error) && error.code).toBe('chat-template-failed')
    }
  })
})
