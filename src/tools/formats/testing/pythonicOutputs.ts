import type { OutputCase } from './types.js'

const callRed = { call: 'set_color', input: { color: 'red' } }
const callBlue = { call: 'set_color', input: { color: 'blue' } }

/** Values and strings in Python's notation, inside of whatever a format puts around its calls. */
function pythonLiteralOutputs(around: (calls: string) => string): Record<string, OutputCase> {
  const text = (literal: string, meant: string): OutputCase => ({
    output: around(`write(text=${literal})`),
    expected: [{ call: 'write', input: { text: meant } }],
  })
  const any = (written: string, input: unknown): OutputCase => ({ output: around(`any(${written})`), expected: [{ call: 'any', input }] })
  const refused = (written: string, name: string): OutputCase => ({
    output: `${around(written)}\nok`,
    expected: [{ error: /not valid Python/, name }, { text: '\nok' }],
  })
  return {
    'single quotes': text(`'a "b" c'`, 'a "b" c'),
    'double quotes': text(`"it's"`, "it's"),
    'an apostrophe between single quotes': text(`'it's O'Brien's'`, "it's O'Brien's"),
    'escaped quotes': text(`'it\\'s "\\"'`, 'it\'s ""'),
    'three quotes': text(`"""one "two"\n'three' \\""""`, 'one "two"\n\'three\' "'),
    'three single quotes': text(`'''it's'''`, "it's"),
    'empty strings of every kind': any(`a='', b="", c="""""", d=['', ""]`, { a: '', b: '', c: '', d: ['', ''] }),
    'escapes': text(`"\\n\\t\\\\\\x41\\u00e9\\U0001F600\\101\\0\\q\\\n."`, '\n\t\\Aé😀A\0\\q.'),
    'escapes that are none': text(`"\\xZZ \\u12 \\U00110000"`, '\\xZZ \\u12 \\U00110000'),
    'a pair of surrogates, escaped': text(`"\\ud83d\\ude00"`, '😀'),
    'a raw string': text(`r'C:\\new'`, 'C:\\new'),
    'line breaks as they are': text(`'one\ntwo'`, 'one\ntwo'),
    'numbers': any('a=-1, b=+2, c=1_000, d=.5, e=5., f=-1.5e-3, g=0x1F, h=0, i=-0.0, j=12345678901234567890', {
      a: -1, b: 2, c: 1000, d: 0.5, e: 5, f: -0.0015, g: 31, h: 0, i: -0, j: 12345678901234567890,
    }),
    'constants of Python and of JSON': any('a=True, b=False, c=None, d=true, e=false, f=null', {
      a: true, b: false, c: null, d: true, e: false, f: null,
    }),
    'lists, dicts and tuples': any(`a=[1, [2, 'x'], {}], b={'k': [True], "l": {'m': None}}, c=(1, 2), d=(3,), e=(4), f=(), g=((5, 6), 'x')`, {
      a: [1, [2, 'x'], {}], b: { k: [true], l: { m: null } }, c: [1, 2], d: [3], e: 4, f: [], g: [[5, 6], 'x'],
    }),
    'commas at the end': any('a=[1,], b={"c": 1,}, d=2,', { a: [1], b: { c: 1 }, d: 2 }),
    'blanks and line breaks everywhere': any(`\n  a = 1 ,\n  b = [ 1 , 2 ] ,\n c = { 'd' : 'e' }\n`, { a: 1, b: [1, 2], c: { d: 'e' } }),
    'no blanks': any(`a=1,b='x',c=[1,2]`, { a: 1, b: 'x', c: [1, 2] }),
    'spread arguments': any(`a=1, **{"b c": 2, "d": {"e": 3}}, f=4`, { a: 1, 'b c': 2, d: { e: 3 }, f: 4 }),
    'spread arguments alone': any(`**{'': 1}`, { '': 1 }),
    'nothing spread': any(`**{}, a=1`, { a: 1 }),
    'names in other scripts': any('größe=1, 色="赤"', { größe: 1, 色: '赤' }),
    'names that Python keeps for itself': any('from="a", class=1', { from: 'a', class: 1 }),
    'keys of Object.prototype': any('__proto__={"x": 1}, constructor=2', JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}')),
    'calls one after the other, in every spacing': {
      output: around(`set_color(color='red'),get_color() , set_color( color = "blue" )`),
      expected: [callRed, { call: 'get_color', input: {} }, callBlue],
    },
    'a blank before the bracket': { output: around(`set_color (color="red")`), expected: [callRed] },
    'a positional argument': refused(`set_color('red')`, 'set_color'),
    'a value without quotes': refused('set_color(color=red)', 'set_color'),
    'an argument given twice': refused('any(a=1, a=2)', 'any'),
    'JSON in place of arguments': refused('any({"a": 1})', 'any'),
    'a comma forgotten': refused('any(a=1 b=2)', 'any'),
    'a comma too many': refused('any(a=1,, b=2)', 'any'),
    'a comma alone': refused('any(,)', 'any'),
    'a leading zero': refused('any(a=007)', 'any'),
    'brackets that do not match': refused('any(a=[1)', 'any'),
    'an expression': refused('any(a=1 + 2)', 'any'),
    'a call inside a call': refused('any(a=get_color())', 'any'),
    'a set': refused('any(a={1, 2})', 'any'),
    'a star alone': refused('any(*{"a": 1})', 'any'),
  }
}

/** What models write that call without markers. */
export const pythonicOutputs: Record<string, OutputCase> = {
  ...pythonLiteralOutputs((calls) => `[${calls}]`),
  'between the markers of Llama 4': { output: `<|python_start|>[set_color(color="red")]<|python_end|>`, expected: [callRed] },
  'between the markers of LFM2': { output: `<|tool_call_start|>[set_color(color='red')]<|tool_call_end|>`, expected: [callRed] },
  'links, indices and quotes in text': {
    output: 'See [the docs](https://a.b/c), a[0], [1], [x(y)z], [ ], [] and [f(1)].',
    expected: [{ text: 'See [the docs](https://a.b/c), a[0], [1], [x(y)z], [ ], [] and [f(1)].' }],
  },
  'a link at the start': { output: '[docs](https://a.b)', expected: [{ text: '[docs](https://a.b)' }] },
  'a list that is data': { output: '["red", "blue"] [1, 2] [[set]]', expected: [{ text: '["red", "blue"] [1, 2] [[set]]' }] },
  'brackets within brackets': { output: 'a [[set_color(color="red")]] b', expected: [{ text: 'a [' }, callRed, { text: '] b' }] },
  'an unknown function in text': { output: 'Use [paint(a=1)].', expected: [{ text: 'Use [paint(a=1)].' }] },
  'an unknown function at the start': {
    output: ' [paint(a=1)]',
    expected: [{ text: ' ' }, { error: /no tool named "paint"/, name: 'paint', input: { a: 1 }, raw: '[paint(a=1)' }],
  },
  'an unknown function behind a call': {
    output: '[set_color(color="red"), paint(a=1)]',
    expected: [callRed, { error: /no tool named "paint"/, name: 'paint' }],
  },
  'a list that was not closed': { output: '[set_color(color="red")', expected: [callRed] },
  'a list that was not closed before text': { output: '[set_color(color="red")\nDone.', expected: [callRed, { text: '\nDone.' }] },
  'a list that goes on as text': { output: '[set_color(color="red"), and so on]', expected: [callRed, { text: ' and so on]' }] },
  'damage behind a good call': {
    output: '[set_color(color="red"), set_color(color=blue)]\nok',
    expected: [callRed, { error: /not valid Python/, raw: '[set_color(color=blue)]', name: 'set_color' }, { text: '\nok' }],
  },
  'damage before a good call': {
    output: '[set_color(color=red)]\n[set_color(color="blue")]',
    expected: [{ error: /not valid Python/, raw: '[set_color(color=red)]' }, { text: '\n' }, callBlue],
  },
  'a string that never ends': {
    output: `[set_color(color="red)]`,
    expected: [{ error: /never ends/, raw: '[set_color(color="red)]', name: 'set_color' }],
  },
  'cut off in a name': { output: '[set_co', reason: 'length', expected: [{ error: /token limit/, raw: '[set_co' }] },
  'a bracket at the end of a text that was cut off': { output: 'as in [1', reason: 'length', expected: [{ text: 'as in [1' }] },
  'cut off in an argument': { output: '[set_color(color="re', reason: 'length', expected: [{ error: /token limit/, name: 'set_color' }] },
  'stopped in an argument': { output: '[set_color(', reason: 'abort', expected: [{ error: /stopped/, name: 'set_color' }] },
}

/** What LFM2 writes beside what all formats share. */
export const lfm2Outputs: Record<string, OutputCase> = {
  ...pythonLiteralOutputs((calls) => `<|tool_call_start|>[${calls}]<|tool_call_end|>`),
  'a bare list is text': { output: '[set_color(color="red")]', expected: [{ text: '[set_color(color="red")]' }] },
  'a call without its list': { output: `<|tool_call_start|>set_color(color='red')<|tool_call_end|>.`, expected: [callRed, { text: '.' }] },
  'an empty list': { output: '<|tool_call_start|>[]<|tool_call_end|>.', expected: [{ text: '.' }] },
  'two lists in one block': {
    output: `<|tool_call_start|>[set_color(color='red')]\n[set_color(color='blue')]<|tool_call_end|>`,
    expected: [callRed, callBlue],
  },
  'calls in JSON': {
    output: '<|tool_call_start|>[{"name": "set_color", "arguments": {"color": "red"}}, {"name": "get_color", "arguments": {}}]<|tool_call_end|>.',
    expected: [callRed, { call: 'get_color', input: {} }, { text: '.' }],
  },
  'a call in JSON without a list': {
    output: '<|tool_call_start|> {"name": "set_color", "arguments": {"color": "red"}}<|tool_call_end|>',
    expected: [callRed],
  },
  'a closing marker that was forgotten': { output: `<|tool_call_start|>[set_color(color='red')]`, expected: [callRed] },
  'a closing marker that was forgotten before text': {
    output: `<|tool_call_start|>[set_color(color='red')]\nDone.`,
    expected: [callRed, { text: '\nDone.' }],
  },
  'a closing marker that was forgotten before a call': {
    output: `<|tool_call_start|>[set_color(color='red')]<|tool_call_start|>[set_color(color='blue')]<|tool_call_end|>`,
    expected: [callRed, callBlue],
  },
  'a list that was not closed': { output: `<|tool_call_start|>[set_color(color='red')<|tool_call_end|>.`, expected: [callRed, { text: '.' }] },
  'a bracket too many': { output: `<|tool_call_start|>[set_color(color='red')]]<|tool_call_end|>.`, expected: [callRed, { text: '.' }] },
  'damage before a good block': {
    output: `<|tool_call_start|>[set_color(red)]<|tool_call_end|><|tool_call_start|>[set_color(color='blue')]<|tool_call_end|>`,
    expected: [{ error: /not valid Python/, raw: '<|tool_call_start|>[set_color(red)]<|tool_call_end|>', name: 'set_color' }, callBlue],
  },
  'a string that never ends': {
    output: `<|tool_call_start|>[set_color(color="red)]<|tool_call_end|>\nok`,
    expected: [
      { error: /never ends/, raw: '<|tool_call_start|>[set_color(color="red)]<|tool_call_end|>', name: 'set_color' },
      { text: '\nok' },
    ],
  },
  'words between the markers': {
    output: 'a<|tool_call_start|>red it is<|tool_call_end|>b',
    expected: [{ text: 'a' }, { error: /not valid Python/, raw: '<|tool_call_start|>red it is<|tool_call_end|>' }, { text: 'b' }],
  },
  'nothing between the markers': { output: '<|tool_call_start|> <|tool_call_end|>', expected: [{ error: /no call/ }] },
  'a stray closing marker': { output: 'a<|tool_call_end|>b', expected: [{ text: 'ab' }] },
}
