import { describe, expect, it } from 'vitest'
import type { ToolFormatName, ToolSpec } from '../types.js'
import { detectToolFormat } from './detectToolFormat.js'
import { getToolFormat } from './registry.js'

const tools: ToolSpec[] = [
  { name: 'one', description: 'The "first"', inputSchema: { type: 'object', properties: { a: { type: 'string' } } } },
]

describe.each(['hermes', 'smollm2'] as const)('%s', (name) => {
  const format = getToolFormat(name)

  it('describes tools as these models saw them in training', () => {
    const prompt = format.systemPrompt(tools, 'Be brief.')
    expect(prompt).toMatch(/^Be brief\.\n\n/)
    expect(prompt).toContain(
      '{"type": "function", "function": {"name": "one", "description": "The \\"first\\"", "parameters": {"type": "object", "properties": {"a": {"type": "string"}}}}}',
    )
    expect(prompt).toContain('<tool_call>')
  })

  it('puts the results of a step into one message', () => {
    const results = [
      { toolCallId: 'a', name: 'one', content: '{"ok":true}' },
      { toolCallId: 'b', name: 'two', content: 'null' },
    ]
    expect(format.renderResults(results)).toEqual([
      {
        role: 'user',
        content: '<tool_response>\n{"ok":true}\n</tool_response>\n<tool_response>\nnull\n</tool_response>',
      },
    ])
  })
})

it('writes hermes calls to the letter', () => {
  expect(getToolFormat('hermes').renderCalls([{ name: 'one', input: { a: [1, 'x'] } }, { name: 'two', input: {} }])).toBe(
    '<tool_call>\n{"name": "one", "arguments": {"a": [1, "x"]}}\n</tool_call>\n<tool_call>\n{"name": "two", "arguments": {}}\n</tool_call>',
  )
})

it('writes smollm2 calls to the letter', () => {
  expect(getToolFormat('smollm2').renderCalls([{ name: 'one', input: { a: 1 } }, { name: 'two', input: {} }])).toBe(
    '<tool_call>[\n{"name": "one", "arguments": {"a": 1}},\n{"name": "two", "arguments": {}}\n]</tool_call>',
  )
})

it.each(['nope', 'toString'])('refuses the format %s and lists those there are', (name) => {
  expect(() => getToolFormat(name as ToolFormatName)).toThrow(
    expect.objectContaining({ code: 'invalid-config', subject: 'toolFormat', message: expect.stringContaining('hermes') as string }),
  )
})

describe('detectToolFormat', () => {
  it.each<[string, Parameters<typeof detectToolFormat>[0], ToolFormatName | undefined]>([
    ['Qwen and Granite 4', { chatTemplate: `{% if tools %}<tools>{% endif %}…'<tool_call>\\n{"name": "' + tool_call.name` }, 'hermes'],
    ['a template with lists', { chatTemplate: `{% if tools %}{% endif %}<tool_call>[\\n{"name"` }, 'smollm2'],
    ['stock SmolLM2', { chatTemplate: `<|im_start|>system\\nYou are SmolLM, by someone<|im_end|>` }, 'smollm2'],
    ['Qwen3-Coder', { chatTemplate: `{% if tools %}'\\n<tool_call>\\n<function=' + tool_call.name + '>\\n' … '<parameter=' + name` }, 'qwen3-xml'],
    ['other XML in the same tags', { chatTemplate: '{% if tools %}<tool_call>\\n<function=' }, undefined],
    ['GLM', { chatTemplate: '{% if tools %}<tool_call>{{ name }}\\n<arg_key>' }, undefined],
    ['Mistral', { chatTemplate: `{{- "[AVAILABLE_TOOLS] [" }}{{- "[TOOL_CALLS] [" }}` }, 'mistral'],
    ['Ministral 3', { chatTemplate: `{% if tools %}{{- '[TOOL_CALLS]' + name + '[ARGS]' + arguments }}` }, 'mistral'],
    ['Mistral without tools in its template', { chatTemplate: '[INST]{{ content }}[/INST]', specialTokens: ['[TOOL_CALLS]'] }, 'mistral'],
    ['ChatML on Mistral\'s vocabulary', { chatTemplate: '<|im_start|>{{ role }}', specialTokens: ['[TOOL_CALLS]'] }, 'hermes'],
    ['Granite 3.0', { chatTemplate: `{%- if tools %}{{- '<|start_of_role|>available_tools<|end_of_role|>' }}` }, 'granite'],
    ['Granite 3.3', { chatTemplate: `<|start_of_role|>{% if available_tools %}respond only with <|tool_call|> followed by` }, 'granite'],
    ['Granite 3.1 with the tag', { chatTemplate: `<|start_of_role|>{% if tools %}<tool_call>[` }, 'granite'],
    ['Granite 4', { chatTemplate: `<|start_of_role|>{% if tools %}<tool_call>\\n{"name": </tool_call>` }, 'hermes'],
    ['Granite 3 without tools in its template', { chatTemplate: '<|start_of_role|>{{ role }}', specialTokens: ['<|tool_call|>'] }, 'granite'],
    ['Phi-4 mini', { chatTemplate: `{% if message['tools'] %}<|tool|>`, specialTokens: ['<|tool_call|>'] }, undefined],
    ['Llama 3.1', { chatTemplate: `{% if builtin_tools is defined %}{{- "<|python_tag|>" + tool_call.name + ".call(" }}` }, 'llama-json'],
    [
      'Llama 3.2',
      { chatTemplate: `{% if tools %}'Respond in the format {"name": function name, "parameters": dictionary of argument name and its value}.'` },
      'llama-json',
    ],
    ['Llama 3.2 without tools in its template', { chatTemplate: '<|start_header_id|>{{ role }}', specialTokens: ['<|python_tag|>'] }, 'llama-json'],
    ['Llama 3, which had none', { chatTemplate: '<|start_header_id|>{{ role }}', specialTokens: ['<|eot_id|>'] }, undefined],
    ['another format on Llama', { chatTemplate: `{% if tools %}<function=name>{…}</function> or <|python_tag|>` }, undefined],
    ['a template without tools but with the token', { chatTemplate: '{{ messages }}', specialTokens: ['<tool_call>'] }, 'hermes'],
    ['another family\'s template with the token left over', { chatTemplate: '{% if tools %}[AVAILABLE]', specialTokens: ['<tool_call>'] }, undefined],
    ['plain ChatML', { chatTemplate: '<|im_start|>{{ role }}', specialTokens: ['<|im_start|>'] }, 'hermes'],
    ['LFM2', { chatTemplate: `"List of tools: <|tool_list_start|>["{% if tools %}<|im_start|>` }, 'pythonic'],
    ['LFM2.5', { chatTemplate: `{% if tools %}<|im_start|>{{- "<|tool_call_start|>[" + calls` }, 'pythonic'],
    ['LFM2.5 that only lists tools', { chatTemplate: `"List of tools: " + tools | tojson <|im_start|>`, specialTokens: ['<|tool_call_start|>'] }, 'pythonic'],
    ['SmolLM3', { chatTemplate: `You are a helpful AI assistant named SmolLM{% if xml_tools %}` }, 'hermes'],
    ['SmolLM3 without its tools', { chatTemplate: `named SmolLM{%- if "/no_think" in system_message %}` }, 'hermes'],
    ['a pythonic template for Llama', { chatTemplate: `{% if tools %}in the format of [func_name1(params_name1=params_value1` }, 'pythonic'],
    ['FunctionGemma', { chatTemplate: `{% if tools %}{{- '<start_function_declaration>' -}}` }, 'functiongemma'],
    ['Gemma 4', { chatTemplate: `{% if tools %}{{- '<|tool>' -}}{{- '<|tool_call>call:' + function['name'] + '{' -}}` }, 'gemma4'],
    ['gpt-oss', { chatTemplate: `{% if tools %}{{- "<|start|>assistant<|channel|>final<|message|>" }}` }, 'harmony'],
    ['another family without tools', { chatTemplate: '<start_of_turn>{{ role }}', specialTokens: ['<start_of_turn>'] }, undefined],
    ['nothing', {}, undefined],
  ])('%s', (_name, clues, expected) => {
    expect(detectToolFormat(clues)).toBe(expected)
  })
})
