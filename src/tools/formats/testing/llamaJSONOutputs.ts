import type { OutputCase } from './types.js'

const red = '{"name": "set_color", "parameters": {"color": "red"}}'
const blue = '{"name": "set_color", "parameters": {"color": "blue"}}'
const callRed = { call: 'set_color', input: { color: 'red' } }
const callBlue = { call: 'set_color', input: { color: 'blue' } }

/** Text alone, which looks like the beginning of a call. */
function asText(output: string): OutputCase {
  return { output, expected: [{ text: output }] }
}

/** What Llama 3.1 and 3.2 write without `<|python_tag|>`, and with it where that is damaged. */
export const llamaJSONOutputs: Record<string, OutputCase> = {
  'a bare call': { output: red, expected: [callRed] },
  'a bare call behind blanks': { output: `\n\n ${red}`, expected: [{ text: '\n\n ' }, callRed] },
  'bare calls with semicolons': { output: `${red}; ${blue};${red}`, expected: [callRed, callBlue, callRed] },
  'bare calls, one a line': { output: `${red}\n${blue}\n`, expected: [callRed, callBlue, { text: '\n' }] },
  'a bare call with arguments': { output: '{"name": "set_color", "arguments": {"color": "red"}}', expected: [callRed] },
  'a bare call with its type first': {
    output: '{"type": "function", "name": "set_color", "parameters": {"color": "red"}}',
    expected: [callRed],
  },
  'a bare call with its name last': { output: '{"parameters": {"color": "red"}, "name": "set_color"}', expected: [callRed] },
  'a bare call over many lines': {
    output: '{\n    "name": "set_color",\n    "parameters": {\n        "color": "red"\n    }\n}',
    expected: [callRed],
  },
  'a bare call with escapes and markers in a string': {
    output: '{"name": "write", "parameters": {"text": "\\u00e9\\ud83d\\ude00\\"}; {<|python_tag|>"}}; all',
    expected: [{ call: 'write', input: { text: 'é😀"}; {<|python_tag|>' } }, { text: '; all' }],
  },
  'a bare call, then text': { output: `${red}\n\nIt is {red} now.`, expected: [callRed, { text: '\n\nIt is {red} now.' }] },
  'a bare call, then end tokens': { output: `${red}<|eom_id|>`, expected: [callRed] },
  'a bracket too many': { output: `${red}}\nDone.`, expected: [callRed, { text: '\nDone.' }] },
  'a bare call behind reasoning': {
    output: `<think>\nRed.\n</think>\n\n${red}`,
    expected: [{ reasoning: '\nRed.\n' }, { text: '\n\n' }, callRed],
  },
  'a bare list behind the tag': { output: `<|python_tag|>[${red}, ${blue}]`, expected: [callRed, callBlue] },
  'calls with a tag each': { output: `<|python_tag|>${red}<|python_tag|>${blue}`, expected: [callRed, callBlue] },
  'a bare call, then one with a tag': { output: `${red}\n<|python_tag|>${blue}`, expected: [callRed, { text: '\n' }, callBlue] },

  'a JSON answer': asText('{"answer": 42, "name": "set_color"}'),
  'a JSON answer with a name': asText('{"name": "Ada", "age": 36}'),
  'a JSON answer that is only a name': asText('{"name": "Ada"}\n'),
  'a JSON answer with keys that begin alike': asText('{"names": ["a"], "parameters": {}}'),
  'a JSON answer, nested': asText('{"parameters": {"name": "set_color", "parameters": {"color": "red"}}}'),
  'a JSON list': asText(`[${red}]`),
  'an empty object': asText('{} is empty, { } too.'),
  'braces in an answer': asText('{x | x > 0} is a set, {1, 2} another; {{mustache}} is none.'),
  'a brace alone': asText('{'),
  'a brace and no more, cut off': { ...asText('{'), reason: 'length' },
  'an object that never ends': asText('{"name": "Ada, who'),
  'an object with a wrong bracket': asText('{"parameters": [1}, "name": "x"'),
  'a call inside text': asText(`You could write ${red}, or not.`),
  'a JSON answer behind a call': { output: `${red}; {"note": "done"}`, expected: [callRed, { text: '; {"note": "done"}' }] },
  'a tag inside an answer in JSON': {
    output: `{"answer": 1} <|python_tag|>${red}`,
    expected: [{ text: '{"answer": 1} ' }, callRed],
  },

  'a bare call of a tool that does not exist': {
    output: '{"name": "set_colour", "parameters": {"color": "red"}}',
    expected: [{ error: /There is no tool named "set_colour"/, raw: '{"name": "set_colour", "parameters": {"color": "red"}}' }],
  },
  'a bare call with words that are no JSON': {
    output: '{"name": "set_color", "parameters": {"color": red}}; '.concat(blue),
    expected: [{ error: /not valid JSON/, name: 'set_color', raw: '{"name": "set_color", "parameters": {"color": red}}' }, callBlue],
  },
  'a bare call with single quotes': {
    output: `{"name": "set_color", "parameters": {'color': 'red'}}\nThere.`,
    expected: [{ error: /not valid JSON/, name: 'set_color', raw: `{"name": "set_color", "parameters": {'color': 'red'}}\nThere.` }],
  },
  'a call in the damage of another': {
    output: `{"name": "write", "parameters": {"text": 'a'; ${red}}}`,
    expected: [{ error: /not valid JSON/, name: 'write', raw: `{"name": "write", "parameters": {"text": 'a'; ${red}}}` }],
  },
  'damage before a tag': {
    output: `<|python_tag|>set_color(color="red")<|python_tag|>${blue}`,
    expected: [{ error: /not valid JSON/, raw: '<|python_tag|>set_color(color="red")' }, callBlue],
  },
  'damage that a tag ends at once': {
    output: `{"name": "set_color" <|python_tag|>${blue}`,
    expected: [{ error: /not valid JSON/, name: 'set_color', raw: '{"name": "set_color" ' }, callBlue],
  },
  'damage before an end token': {
    output: '<|python_tag|>print("red")<|eom_id|> ok',
    expected: [{ error: /not valid JSON/, raw: '<|python_tag|>print("red")<|eom_id|>' }, { text: ' ok' }],
  },
  'a string that never ends before a tag': {
    output: `{"name": "set_color", "parameters": {"color": "red}}\n<|python_tag|>${blue}`,
    expected: [
      { error: /never ends/, name: 'set_color', raw: '{"name": "set_color", "parameters": {"color": "red}}\n' },
      callBlue,
    ],
  },
  'a tag alone': { output: '<|python_tag|>', expected: [{ error: /no call/, raw: '<|python_tag|>' }] },
  'a bare call cut off in its name': { output: '{"name": "set_co', reason: 'length', expected: [{ error: /token limit/, raw: '{"name": "set_co' }] },
  'a bare call cut off in its first key': { output: '{"na', reason: 'length', expected: [{ error: /token limit/, raw: '{"na' }] },
  'a bare call cut off in its arguments': {
    output: `${red}; {"name": "set_color", "parameters": {"co`,
    reason: 'length',
    expected: [callRed, { error: /token limit/, name: 'set_color', raw: '{"name": "set_color", "parameters": {"co' }],
  },
  'a bare call cut off behind a semicolon': { output: `${red}; `, reason: 'length', expected: [callRed, { text: ' ' }] },
  'a bare call that the user stopped': { output: '{"name": "set_color", ', reason: 'abort', expected: [{ error: /stopped/, name: 'set_color' }] },
  'a JSON answer cut off': { output: '{"answer": 4', reason: 'length', expected: [{ text: '{"answer": 4' }] },
}
