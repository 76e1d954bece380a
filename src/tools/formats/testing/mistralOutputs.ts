import type { OutputCase } from './types.js'

const red = '{"name": "set_color", "arguments": {"color": "red"}}'
const blue = '{"name": "set_color", "arguments": {"color": "blue"}}'
const callRed = { call: 'set_color', input: { color: 'red' } }
const callBlue = { call: 'set_color', input: { color: 'blue' } }

/** What Mistral's later models write beside what all formats share: name, marker, arguments. */
export const mistralOutputs: Record<string, OutputCase> = {
  'an id before the arguments': { output: '[TOOL_CALLS]set_color[CALL_ID]9Hx2kPq1Z[ARGS]{"color": "red"}', expected: [callRed] },
  'an id each': {
    output: '[TOOL_CALLS]set_color[CALL_ID]a1[ARGS]{"color": "red"}[TOOL_CALLS]set_color[CALL_ID]b2[ARGS]{"color": "blue"}',
    expected: [callRed, callBlue],
  },
  'markers lost by a tokenizer': { output: '[TOOL_CALLS]set_color{"color": "red"}', expected: [callRed] },
  'blanks between the parts': { output: '[TOOL_CALLS] set_color [ARGS] {\n  "color": "red"\n}\n', expected: [callRed, { text: '\n' }] },
  'escapes': {
    output: '[TOOL_CALLS]write[ARGS]{"text": "\\u00e9\\ud83d\\ude00\\"}[ARGS]{"}.',
    expected: [{ call: 'write', input: { text: 'é😀"}[ARGS]{' } }, { text: '.' }],
  },
  'keys like those of a call': {
    output: '[TOOL_CALLS]any[ARGS]{"name": "set_color", "arguments": {"color": "red"}}',
    expected: [{ call: 'any', input: { name: 'set_color', arguments: { color: 'red' } } }],
  },
  'line breaks as they are in a string': {
    output: '[TOOL_CALLS]write[ARGS]{"text": "one\ntwo"}',
    expected: [{ call: 'write', input: { text: 'one\ntwo' } }],
  },
  'its own thinking markers': {
    output: '[THINK]Red, <think> or [TOOL_CALLS]?[/THINK]Ok.[TOOL_CALLS]set_color[ARGS]{"color": "red"}',
    expected: [{ reasoning: 'Red, <think> or [TOOL_CALLS]?' }, { text: 'Ok.' }, callRed],
  },
  'its own thinking markers of a model that does not think': {
    output: 'The [THINK] marker, [/THINK] and <think>.',
    options: { thinking: false },
    expected: [{ text: 'The [THINK] marker, [/THINK] and <think>.' }],
  },
  'thinking that the prompt opened': {
    output: 'Hm.[/THINK]Red.',
    options: { generationPrompt: '[/INST][THINK]' },
    expected: [{ reasoning: 'Hm.' }, { text: 'Red.' }],
  },
  'brackets in text': { output: 'a [b] [TOOL] [TOOL_CALL] [INST] [', expected: [{ text: 'a [b] [TOOL] [TOOL_CALL] [INST] [' }] },

  'no arguments at all': {
    output: '[TOOL_CALLS]get_color[ARGS][TOOL_CALLS]set_color[ARGS]{"color": "red"}',
    expected: [{ error: /cannot be read/, raw: '[TOOL_CALLS]get_color[ARGS]' }, callRed],
  },
  'arguments that are no object': {
    output: '[TOOL_CALLS]set_color[ARGS]"red"[TOOL_CALLS]set_color[ARGS]{"color": "blue"}',
    expected: [{ error: /cannot be read/, raw: '[TOOL_CALLS]set_color[ARGS]"red"' }, callBlue],
  },
  'words behind the marker': {
    output: '[TOOL_CALLS]I will paint it red.',
    expected: [{ error: /never ends|cannot be read/, raw: '[TOOL_CALLS]I will paint it red.' }],
  },
  'words before an object': {
    output: '[TOOL_CALLS]set color to [ARGS]{"color": "red"}',
    expected: [{ error: /cannot be read/, raw: '[TOOL_CALLS]set color to [ARGS]{"color": "red"}' }],
  },
  'Python in place of JSON': {
    output: `[TOOL_CALLS]set_color[ARGS]{'color': 'red'}[TOOL_CALLS]set_color[ARGS]{"color": "blue"}`,
    expected: [{ error: /cannot be read/, name: 'set_color', raw: `[TOOL_CALLS]set_color[ARGS]{'color': 'red'}` }, callBlue],
  },
  'words that JSON does not know': {
    output: '[TOOL_CALLS]any[ARGS]{"a": True}.',
    expected: [{ error: /not valid JSON/, name: 'any', raw: '[TOOL_CALLS]any[ARGS]{"a": True}' }, { text: '.' }],
  },
  'a string that never ends': {
    output: '[TOOL_CALLS]set_color[ARGS]{"color": "red}[TOOL_CALLS]set_color[ARGS]{"color": "blue"}',
    expected: [{ error: /never ends/, name: 'set_color', raw: '[TOOL_CALLS]set_color[ARGS]{"color": "red}' }, callBlue],
  },
  'a marker alone': { output: 'Ok.[TOOL_CALLS]', expected: [{ text: 'Ok.' }, { error: /never ends/, raw: '[TOOL_CALLS]' }] },
  'a call cut off in its name': { output: '[TOOL_CALLS]set_co', reason: 'length', expected: [{ error: /token limit/, raw: '[TOOL_CALLS]set_co' }] },
  'a call that the user stopped': {
    output: '[TOOL_CALLS]set_color[ARGS]{"col',
    reason: 'abort',
    expected: [{ error: /stopped/, name: 'set_color', raw: '[TOOL_CALLS]set_color[ARGS]{"col' }],
  },
}

/** What Mistral's earlier models write: a JSON list of all calls. */
export const mistralListOutputs: Record<string, OutputCase> = {
  'an id behind the arguments': {
    output: '[TOOL_CALLS] [{"name": "set_color", "arguments": {"color": "red"}, "id": "9Hx2kPq1Z"}]',
    expected: [callRed],
  },
  'a list without a blank': { output: `[TOOL_CALLS][${red},${blue}]`, expected: [callRed, callBlue] },
  'one call without a list': { output: `[TOOL_CALLS] ${red}`, expected: [callRed] },
  'arguments as a string of JSON': {
    output: '[TOOL_CALLS] [{"name": "set_color", "arguments": "{\\"color\\": \\"red\\"}"}]',
    expected: [callRed],
  },
  'an empty list': { output: '[TOOL_CALLS] []', expected: [] },
  'a list that was not closed': { output: `[TOOL_CALLS] [${red}`, expected: [callRed] },
  'damage in the middle of a list': {
    output: `[TOOL_CALLS] [${red}, {"name": "any", "arguments": {"a": None}}, ${blue}]`,
    expected: [callRed, { error: /not valid JSON/, name: 'any', raw: '[TOOL_CALLS]{"name": "any", "arguments": {"a": None}}' }, callBlue],
  },
  'damage before a marker': {
    output: `[TOOL_CALLS] [{"name": 'set_color'}] [TOOL_CALLS] [${blue}]`,
    expected: [{ error: /not valid JSON/, raw: `[TOOL_CALLS]{"name": 'set_color'}] ` }, callBlue],
  },
  'a list cut off in its second call': {
    output: `[TOOL_CALLS] [${red}, {"name": "write", "ar`,
    reason: 'length',
    expected: [callRed, { error: /token limit/, name: 'write' }],
  },
}
