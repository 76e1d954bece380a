import type { OutputCase } from './types.js'

const red = '<function=set_color>\n<parameter=color>\nred\n</parameter>\n</function>'
const blue = '<function=set_color>\n<parameter=color>\nblue\n</parameter>\n</function>'
const callRed = { call: 'set_color', input: { color: 'red' } }
const callBlue = { call: 'set_color', input: { color: 'blue' } }

/** A call of `write` with the text between its tags as it is. */
function written(text: string): string {
  return `<tool_call>\n<function=write>\n<parameter=text>${text}</parameter>\n</function>\n</tool_call>`
}

/** What Qwen3-Coder and its relatives write beside what all formats share. */
export const qwen3XMLOutputs: Record<string, OutputCase> = {
  'a call on one line': {
    output: '<tool_call><function=set_color><parameter=color>red</parameter></function></tool_call>!',
    expected: [callRed, { text: '!' }],
  },
  'several calls in one block': { output: `<tool_call>\n${red}\n${blue}\n</tool_call>`, expected: [callRed, callBlue] },
  'the outer tag forgotten': { output: `Ok.\n${red}\n</tool_call>`, expected: [{ text: 'Ok.\n' }, callRed, { text: '\n' }] },
  'both outer tags forgotten': { output: `${red}\n${blue}\nDone.`, expected: [callRed, { text: '\n' }, callBlue, { text: '\nDone.' }] },
  'JSON in the same tags': {
    output: '<tool_call>\n{"name": "set_color", "arguments": {"color": "red"}}\n</tool_call>.',
    expected: [callRed, { text: '.' }],
  },

  'line breaks of a text': { output: written('\n\none\n\ntwo\n\n'), expected: [{ call: 'write', input: { text: '\none\n\ntwo\n' } }] },
  'blanks of a text': { output: written('  a  '), expected: [{ call: 'write', input: { text: '  a  ' } }] },
  'a text that is empty': { output: written(''), expected: [{ call: 'write', input: { text: '' } }] },
  'a text between tags without anything': { output: written('\n'), expected: [{ call: 'write', input: { text: '' } }] },
  'a text with escapes, which are none': {
    output: written('\nC:\\new \\u00e9 "x" &lt;\n'),
    expected: [{ call: 'write', input: { text: 'C:\\new \\u00e9 "x" &lt;' } }],
  },
  'a text about the tags': {
    output: written('\nUse </parameter> and <parameter=a>, </function> </tool_call>\n</parameter> <b>\n'),
    expected: [{ call: 'write', input: { text: 'Use </parameter> and <parameter=a>, </function> </tool_call>\n</parameter> <b>' } }],
  },
  'a text that nearly ends': {
    output: written('\n</parameter\n</parameter>\n</para</parameter></parameter>\n'),
    expected: [{ call: 'write', input: { text: '</parameter\n</parameter>\n</para</parameter></parameter>' } }],
  },
  'JSON in a text': { output: written('\n{"a": [1]}\n'), expected: [{ call: 'write', input: { text: '{"a": [1]}' } }] },
  'a word for null in a text': { output: written('null'), expected: [{ call: 'write', input: { text: 'null' } }] },
  'values as Python writes them': {
    output: '<tool_call><function=all><parameter=on>True</parameter><parameter=none>None</parameter><parameter=count>\n 12 \n</parameter></function></tool_call>',
    expected: [{ call: 'all', input: { on: true, none: null, count: 12 } }],
  },
  'values of arguments without a schema': {
    output: '<tool_call><function=any><parameter=n>5</parameter><parameter=s>five</parameter><parameter=l>[1]</parameter><parameter=q>"5"</parameter></function></tool_call>',
    expected: [{ call: 'any', input: { n: 5, s: 'five', l: [1], q: '"5"' } }],
  },
  'keys of Object.prototype': {
    output: '<tool_call><function=any><parameter=__proto__>1</parameter><parameter=constructor>2</parameter></function></tool_call>',
    expected: [{ call: 'any', input: JSON.parse('{"__proto__": 1, "constructor": 2}') as unknown }],
  },
  'reasoning that the prompt opened': {
    output: `Red.\n</think>\n\n<tool_call>\n${red}\n</tool_call>`,
    options: { generationPrompt: '<|im_start|>assistant\n<think>\n' },
    expected: [{ reasoning: 'Red.\n' }, { text: '\n\n' }, callRed],
  },

  'a number that is none': {
    output: '<tool_call><function=all><parameter=count>many</parameter></function></tool_call>',
    expected: [{ error: /count/, name: 'all', input: { count: 'many' } }],
  },
  'a list that is no JSON': {
    output: '<tool_call><function=all><parameter=list>[1, two]</parameter></function></tool_call>',
    expected: [{ error: /list/, name: 'all', input: { list: '[1, two]' } }],
  },
  'the end of the function forgotten': {
    output: '<tool_call>\n<function=set_color>\n<parameter=color>\nred\n</parameter>\n</tool_call>.',
    expected: [callRed, { text: '.' }],
  },
  'the end of the block forgotten': { output: `<tool_call>\n${red}\nIt is red.`, expected: [callRed, { text: '\nIt is red.' }] },
  'the end of the block forgotten before a call': {
    output: `<tool_call>\n${red}\n<tool_call>\n${blue}\n</tool_call>`,
    expected: [callRed, { text: '\n' }, callBlue],
  },
  'the end of a parameter forgotten': {
    output: `<tool_call>\n${blue}\n</tool_call><tool_call>\n<function=set_color>\n<parameter=color>\nred\n</function>\n</tool_call>\nok`,
    expected: [
      callBlue,
      { error: /never ends/, name: 'set_color', raw: '<tool_call>\n<function=set_color>\n<parameter=color>\nred\n</function>\n</tool_call>' },
      { text: '\nok' },
    ],
  },
  'the end of a parameter forgotten before a call, which its value swallows': {
    output: `<tool_call>\n<function=set_color>\n<parameter=color>\nred\n</function>\n</tool_call>\n<tool_call>\n${blue}\n</tool_call>`,
    expected: [{ error: /Invalid arguments/, name: 'set_color' }],
  },
  'a parameter twice': {
    output: '<tool_call><function=set_color><parameter=color>red</parameter><parameter=color>blue</parameter></function></tool_call>.',
    expected: [{ error: /well formed/, name: 'set_color' }, { text: '.' }],
  },
  'words between parameters': {
    output: `<tool_call><function=set_color>red</function></tool_call><tool_call>${blue}</tool_call>`,
    expected: [{ error: /well formed/, name: 'set_color', raw: '<tool_call><function=set_color>red</function></tool_call>' }, callBlue],
  },
  'words in place of a call': {
    output: `<tool_call>set_color(red)\n<tool_call>${blue}</tool_call>`,
    expected: [{ error: /well formed/, raw: '<tool_call>set_color(red)\n' }, callBlue],
  },
  'nothing between the tags': {
    output: '<tool_call>\n</tool_call>ok',
    expected: [{ error: /well formed/, raw: '<tool_call>\n</tool_call>' }, { text: 'ok' }],
  },
  'a name without its end': {
    output: '<tool_call><function=set_color\n<parameter=color>red</parameter></function></tool_call>ok',
    expected: [{ error: /well formed/ }, { text: 'ok' }],
  },
  'words about the tags': {
    output: 'Write <function=\nname>, or <function= <b>.',
    expected: [{ text: 'Write <function=\nname>, or <function= <b>.' }],
  },
  'a call cut off in a value': {
    output: '<tool_call>\n<function=write>\n<parameter=text>\nSo </parameter',
    reason: 'length',
    expected: [{ error: /token limit/, name: 'write', raw: '<tool_call>\n<function=write>\n<parameter=text>\nSo </parameter' }],
  },
  'a call cut off behind a value': {
    output: '<tool_call>\n<function=set_color>\n<parameter=color>\nred\n</parameter>\n',
    reason: 'length',
    expected: [{ error: /token limit/, name: 'set_color' }],
  },
  'a complete call cut off in its closing tag': { output: `<tool_call>\n${red}\n</tool_`, reason: 'length', expected: [callRed] },
  'a second call cut off in its opening tag': {
    output: `<tool_call>\n${red}\n<func`,
    reason: 'length',
    expected: [callRed, { error: /token limit/ }],
  },
  'a call that the user stopped': { output: '<tool_call>\n<function=set_color>', reason: 'abort', expected: [{ error: /stopped/, name: 'set_color' }] },
}
