import { describe, expect, it } from 'vitest'
import { sharedPrompts } from '../../../test/helpers/hermesModel.js'
import { modelJSON } from '../../../test/helpers/embeddedModel.js'
import { detectToolFormat } from '../../tools/index.js'
import { ChatTemplate } from '../tokenizer/ChatTemplate.js'
import { probeTemplate, type TemplateProbe } from './probeTemplate.js'

function probe(source: string, specialTokens: readonly string[] = []): TemplateProbe {
  return probeTemplate(new ChatTemplate(source, { bos_token: '<s>', eos_token: '</s>' }), { chatTemplate: source, specialTokens })
}

/** ChatML whose assistant writes calls in some way. */
const chatML = (calls: string, result = '{{ message.content }}') => `{%- if tools %}<|im_start|>system
{{ tools | tojson }}<|im_end|>
{% endif %}{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.role == 'tool' %}${result}{%- else %}{{- message.content }}${calls}{%- endif %}
{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}`

const eachCall = (body: string) => `{%- for tool_call in message.tool_calls or [] %}${body}{%- endfor %}`

/** How the families' templates write calls, reduced to that. */
const templates: Record<string, { source: string; expected: TemplateProbe['format'] }> = {
  'hermes, as Qwen 3 has it': {
    source: chatML(
      eachCall(`{{- '<tool_call>\\n{"name": "' }}{{- tool_call.function.name }}{{- '", "arguments": ' }}{{- tool_call.function.arguments | tojson }}{{- '}\\n</tool_call>' }}`),
    ),
    expected: 'hermes',
  },
  'hermes, the whole call as JSON': { source: chatML(eachCall(`{{- '<tool_call>' + tool_call.function | tojson + '</tool_call>' }}`)), expected: 'hermes' },
  'smollm2': {
    source: chatML(
      `{%- if message.tool_calls %}{{- '<tool_call>[\\n' }}${eachCall(`{{- '{"name": "' + tool_call.function.name + '", "arguments": ' + tool_call.function.arguments | tojson + '}' }}`)}{{- '\\n]</tool_call>' }}{%- endif %}`,
    ),
    expected: 'smollm2',
  },
  'qwen3-xml': {
    source: chatML(
      eachCall(
        `{{- '<tool_call>\\n<function=' + tool_call.function.name + '>\\n' }}{%- for key, value in tool_call.function.arguments | items %}{{- '<parameter=' + key + '>\\n' }}{{- value }}{{- '\\n</parameter>\\n' }}{%- endfor %}{{- '</function>\\n</tool_call>' }}`,
      ),
    ),
    expected: 'qwen3-xml',
  },
  'granite': {
    source: chatML(`{%- if message.tool_calls %}{{- '<|tool_call|>[' }}${eachCall(`{{- tool_call.function | tojson }}`)}{{- ']' }}{%- endif %}`),
    expected: 'granite',
  },
  'llama-json, as Llama 3.1 has it': {
    source: `{{- bos_token }}{%- for message in messages %}{%- if message.tool_calls %}
{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}{%- set tool_call = message.tool_calls[0].function %}
{{- '{"name": "' + tool_call.name + '", ' }}{{- '"parameters": ' }}{{- tool_call.arguments | tojson }}{{- "}" }}{{- "<|eot_id|>" }}
{%- elif message.role == "tool" %}{{- "<|start_header_id|>ipython<|end_header_id|>\\n\\n" }}{{- message.content }}{{- "<|eot_id|>" }}
{%- else %}{{- '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + message.content + '<|eot_id|>' }}{%- endif %}{%- endfor %}
{%- if tools %}{{ tools }}{%- endif %}{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif %}`,
    expected: 'llama-json',
  },
  'pythonic, without markers': {
    source: chatML(
      `{%- if message.tool_calls %}{{- '[' }}${eachCall(
        `{{- tool_call.function.name + '(' }}{%- for key, value in tool_call.function.arguments.items() %}{{- key }}={{ value | tojson }}{%- if not loop.last %}, {% endif %}{%- endfor %}{{- ')' }}`,
      )}{{- ']' }}{%- endif %}`,
    ),
    expected: 'pythonic',
  },
  'pythonic, as LFM2.5 has it': {
    source: chatML(
      `{%- if message.tool_calls %}{{- '<|tool_call_start|>[' }}${eachCall(
        `{{- tool_call.function.name + '(' }}{%- for key, value in tool_call.function.arguments.items() %}{{- key + '=' }}{%- if value is string %}{{- "'" + value + "'" }}{%- else %}{{- value }}{%- endif %}{%- if not loop.last %}{{- ', ' }}{%- endif %}{%- endfor %}{{- ')' }}`,
      )}{{- ']<|tool_call_end|>' }}{%- endif %}`,
    ),
    expected: 'pythonic',
  },
  'mistral, the later generation': {
    source: `{%- if tools %}[AVAILABLE_TOOLS]{{ tools | tojson }}[/AVAILABLE_TOOLS]{%- endif %}{%- for message in messages %}{%- if message.role == 'user' %}[INST]{{ message.content }}[/INST]{%- elif message.role == 'tool' %}[TOOL_RESULTS]{{ message.content }}[/TOOL_RESULTS]{%- else %}{{ message.content }}${eachCall(`{{- '[TOOL_CALLS]' + tool_call.function.name + '[ARGS]' + tool_call.function.arguments | tojson }}`)}{{ eos_token }}{%- endif %}{%- endfor %}`,
    expected: 'mistral',
  },
  'mistral, the earlier one, with ids': {
    source: `{%- if tools %}[AVAILABLE_TOOLS] {{ tools | tojson }}[/AVAILABLE_TOOLS]{%- endif %}{%- for message in messages %}{%- if message.role == 'user' %}[INST] {{ message.content }}[/INST]{%- elif message.tool_calls %}{{- '[TOOL_CALLS] [' }}${eachCall(`{{- '{"name": "' + tool_call.function.name + '", "arguments": ' + tool_call.function.arguments | tojson + ', "id": "' + tool_call.id + '"}' }}`)}{{- ']' + eos_token }}{%- elif message.role == 'tool' %}[TOOL_RESULTS] {"content": {{ message.content }}}[/TOOL_RESULTS]{%- else %}{{ ' ' + message.content + eos_token }}{%- endif %}{%- endfor %}`,
    expected: 'mistral',
  },
  'functiongemma': {
    source: gemma('<start_of_turn>', '<end_of_turn>\\n', '<start_function_call>', '<end_function_call>', '<escape>'),
    expected: 'functiongemma',
  },
  'gemma4': { source: gemma('<|turn>', '<turn|>\\n', '<|tool_call>', '<tool_call|>', '<|"|>'), expected: 'gemma4' },
  'harmony, as gpt-oss has it': {
    source: `{%- if tools %}<|start|>developer<|message|>{{ tools | tojson }}<|end|>{%- endif %}{%- for message in messages %}{%- if message.role == 'assistant' %}{%- if message.tool_calls %}
{{- "<|start|>assistant to=functions." + message.tool_calls[0].function.name + "<|channel|>commentary json<|message|>" }}{{- message.tool_calls[0].function.arguments | tojson }}{{- "<|call|>" }}
{%- else %}{{- "<|start|>assistant<|channel|>final<|message|>" + message.content + "<|return|>" }}{%- endif %}
{%- elif message.role == 'tool' %}{{- "<|start|>functions." + message.name + " to=assistant<|channel|>commentary<|message|>" + message.content + "<|end|>" }}
{%- else %}{{- "<|start|>" + message.role + "<|message|>" + message.content + "<|end|>" }}{%- endif %}{%- endfor %}
{%- if add_generation_prompt %}<|start|>assistant{%- endif %}`,
    expected: 'harmony',
  },
}

function gemma(open: string, close: string, callOpen: string, callClose: string, quote: string): string {
  return `{%- if tools %}{{ tools | tojson }}{%- endif %}{%- for message in messages %}{{- '${open}' + ('model' if message.role == 'assistant' else message.role) + '\\n' }}
${eachCall(
    `{{- '${callOpen}call:' + tool_call.function.name + '{' }}{%- for key, value in tool_call.function.arguments | dictsort %}{{- key + ':' }}{%- if value is string %}{{- '${quote}' + value + '${quote}' }}{%- else %}{{- value }}{%- endif %}{%- if not loop.last %}{{- ',' }}{%- endif %}{%- endfor %}{{- '}${callClose}' }}`,
  )}{{- message.content }}{{- '${close}' }}{%- endfor %}{{- '${open}model\\n' }}`
}

describe('probeTemplate', () => {
  it.each(Object.entries(templates))('recognizes %s', (_name, { source, expected }) => {
    expect(probe(source)).toEqual({ format: expected, writesCalls: true, writesResults: true })
  })

  it('recognizes the template that the pipeline writes', () => {
    expect(probe(sharedPrompts.template)).toEqual({ format: 'hermes', writesCalls: true, writesResults: true })
  })

  it('sees that SmolLM2\'s own template leaves calls out', () => {
    const { chat_template: source } = modelJSON('smollm2-tiny', 'tokenizer_config.json')
    expect(probe(source as string)).toMatchObject({ format: undefined, writesCalls: false })
  })

  it('sees that LFM2\'s template leaves calls out, whatever it says about tools', () => {
    const source = chatML('', "{{- '<|tool_response_start|>' + message.content + '<|tool_response_end|>' }}").replace('{{ tools', 'List of tools: <|tool_list_start|>{{ tools')
    expect(probe(source)).toEqual({ format: undefined, writesCalls: false, writesResults: true })
    expect(detectToolFormat({ chatTemplate: source })).toBe('pythonic')
  })

  it('sees that results do not reach the model', () => {
    const source = templates['hermes, as Qwen 3 has it']?.source.replace("{%- if message.role == 'tool' %}{{ message.content }}", "{%- if message.role == 'tool' %}")
    expect(probe(source ?? '')).toEqual({ format: 'hermes', writesCalls: true, writesResults: false })
  })

  it('does not mistake a way it does not know for another', () => {
    expect(probe(chatML(eachCall(`{{- 'CALL ' + tool_call.function.name + ' WITH ' + tool_call.function.arguments | tojson }}`)))).toMatchObject({
      format: undefined,
      writesCalls: true,
    })
  })

  it.each([
    ['calls', `{%- for message in messages %}{%- if message.tool_calls %}{{ raise_exception('no') }}{%- endif %}{{ message.content }}{%- endfor %}`],
    ['the role of results', `{%- for message in messages %}{%- if message.role == 'tool' %}{{ raise_exception('no') }}{%- endif %}{{ message.content }}{%- endfor %}`],
    ['everything', `{{ raise_exception('no') }}`],
  ])('takes a template that refuses %s for one that leaves them out', (_what, source) => {
    expect(probe(source)).toEqual({ format: undefined, writesCalls: false, writesResults: false })
  })
})
