import type { OutputCase } from './types.js'

const red = '{"name": "set_color", "arguments": {"color": "red"}}'
const blue = '{"name": "set_color", "arguments": {"color": "blue"}}'
const callRed = { call: 'set_color', input: { color: 'red' } }
const callBlue = { call: 'set_color', input: { color: 'blue' } }

/** What Granite 3 writes beside what all formats share. */
export const graniteOutputs: Record<string, OutputCase> = {
  'the tag in place of the token': { output: `<tool_call>[${red}]`, expected: [callRed] },
  'a tag that is closed': { output: `<tool_call>[${red}]</tool_call>\nDone.`, expected: [callRed, { text: '\nDone.' }] },
  'a tag around one call without a list': { output: `<tool_call>\n${red}\n</tool_call>`, expected: [callRed, { text: '\n' }] },
  'a list over many lines': { output: `<|tool_call|> [\n  ${red},\n  ${blue}\n]`, expected: [callRed, callBlue] },
  'calls without a list': { output: `<|tool_call|>${red}, ${blue}`, expected: [callRed, callBlue] },
  'a marker each': { output: `<|tool_call|>[${red}]<|tool_call|>[${blue}]`, expected: [callRed, callBlue] },
  'an id and the arguments first': {
    output: '<|tool_call|>[{"id": "1", "arguments": {"color": "red"}, "name": "set_color"}]',
    expected: [callRed],
  },
  'escapes': {
    output: '<|tool_call|>[{"name": "write", "arguments": {"text": "\\u00e9\\ud83d\\ude00\\\\\\"\\n]"}}]',
    expected: [{ call: 'write', input: { text: 'é😀\\"\n]' } }],
  },
  'a recorded one of 3.3, with a result made up and a brace too many': {
    output: '<|tool_call|>[{"name": "get_color", "arguments": {}, "return": "2022-09-20T14:30:00Z"}}]<|end_of_text|>',
    expected: [{ call: 'get_color', input: {} }],
  },
  'an empty list': { output: '<|tool_call|>[]', expected: [] },
  'an end token': { output: `<|tool_call|>[${red}]<|end_of_text|>`, expected: [callRed] },
  'a list that was not closed': { output: `<|tool_call|>[${red}\n`, expected: [callRed] },
  'a list that was not closed before text': { output: `<|tool_call|>[${red}\nIt is red.`, expected: [callRed, { text: '\nIt is red.' }] },
  'a bracket too many': { output: `<|tool_call|>[${red}}]!`, expected: [callRed, { text: '!' }] },

  'a marker alone': { output: '<|tool_call|>', expected: [{ error: /no call/, raw: '<|tool_call|>' }] },
  'a list without its call': { output: '<|tool_call|>[', expected: [{ error: /no call/, raw: '<|tool_call|>[' }] },
  'damage in the middle of a list': {
    output: `<|tool_call|>[${red}, {"name": "set_color", "arguments": {"color": mauve}}, ${blue}]`,
    expected: [
      callRed,
      { error: /not valid JSON/, name: 'set_color', raw: '<|tool_call|>{"name": "set_color", "arguments": {"color": mauve}}' },
      callBlue,
    ],
  },
  'words behind the marker': {
    output: `<|tool_call|>set_color(red)\n<|tool_call|>[${blue}]`,
    expected: [{ error: /not valid JSON/, raw: '<|tool_call|>set_color(red)\n' }, callBlue],
  },
  'brackets that do not match': {
    output: `<tool_call>[{"name": "any", "arguments": {"a": [1}}]</tool_call> ok`,
    expected: [{ error: /not valid JSON/, name: 'any' }, { text: ' ok' }],
  },
  'a string that never ends': {
    output: `<|tool_call|>[{"name": "set_color", "arguments": {"color": "red}}]\n<|tool_call|>[${blue}]`,
    expected: [
      { error: /never ends/, name: 'set_color', raw: '<|tool_call|>{"name": "set_color", "arguments": {"color": "red}}]\n' },
      callBlue,
    ],
  },
  'no name': { output: '<|tool_call|>[{"arguments": {}}]', expected: [{ error: /no "name"/, raw: '<|tool_call|>{"arguments": {}}' }] },
  'a list cut off behind its first call': { output: `<|tool_call|>[${red}, `, reason: 'length', expected: [callRed] },
  'a list cut off in its second call': {
    output: `<|tool_call|>[${red}, {"name": "write", "ar`,
    reason: 'length',
    expected: [callRed, { error: /token limit/, name: 'write' }],
  },
  'a call the model left unfinished': { output: '<|tool_call|>[{"name": "set_color", "arg', expected: [{ error: /never ends/, name: 'set_color' }] },
}
