import type { ExpectedContent, OutputCase } from './types.js'

const callRed = { call: 'set_color', input: { color: 'red' } }
const callBlue = { call: 'set_color', input: { color: 'blue' } }

/** What both generations of Gemma write, between markers of their own. */
function gemmaOutputs(open: string, close: string, quote: string): Record<string, OutputCase> {
  const red = `call:set_color{color:${quote}red${quote}}`
  const blue = `call:set_color{color:${quote}blue${quote}}`
  const block = (call: string): string => open + call + close
  const any = (written: string, input: unknown): OutputCase => ({ output: block(`call:any{${written}}`), expected: [{ call: 'any', input }] })
  const refused = (call: string, name?: string): OutputCase => ({
    output: `${block(call)}\nok`,
    expected: [{ error: /not well formed/, raw: block(call), ...(name === undefined ? {} : { name }) }, { text: '\nok' }],
  })
  return {
    'no arguments': { output: block('call:get_color{}'), expected: [{ call: 'get_color', input: {} }] },
    'numbers': any('a:-1,b:0,c:1.5,d:-2.5e-3,e:1E+3,f:12345678901234567890', { a: -1, b: 0, c: 1.5, d: -0.0025, e: 1000, f: 12345678901234567890 }),
    'constants': any('a:true,b:false,c:null', { a: true, b: false, c: null }),
    'lists and objects': any(`a:[1,[${quote}x${quote},[]],{}],b:{c:{d:true},e:[{f:null}]}`, { a: [1, ['x', []], {}], b: { c: { d: true }, e: [{ f: null }] } }),
    'keys with signs in them': any('a-b:1,c.d:2,e_f:3,größe:4,$x:5', { 'a-b': 1, 'c.d': 2, e_f: 3, größe: 4, $x: 5 }),
    'keys of Object.prototype': any('__proto__:{x:1},constructor:2', JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}')),
    'an argument given twice: the last counts': any('a:1,a:2', { a: 2 }),
    'strings are not escaped': any(`a:${quote}\\n "x" {y}, [z]: 'w'${quote}`, { a: '\\n "x" {y}, [z]: \'w\'' }),
    'parts of the quote in a string': any(`a:${quote}${quote.slice(0, -1)} ${quote.slice(1)}${quote.charAt(0)}${quote}`, {
      a: `${quote.slice(0, -1)} ${quote.slice(1)}${quote.charAt(0)}`,
    }),
    'blanks between things': {
      output: block(`\n call:set_color{ color : ${quote}red${quote} , fade : 1 }\n `),
      expected: [{ call: 'set_color', input: { color: 'red', fade: 1 } }],
    },
    'a closing marker that was forgotten': { output: open + red, expected: [callRed] },
    'a closing marker that was forgotten before text': { output: `${open}${red}\nDone.`, expected: [callRed, { text: '\nDone.' }] },
    'a closing marker that was forgotten before a call': { output: open + red + block(blue), expected: [callRed, callBlue] },
    'a stray closing marker': { output: `a${close}b`, expected: [{ text: 'ab' }] },
    'a string that is not closed': {
      output: `${open}call:set_color{color:${quote}red}${close}\nok`,
      expected: [{ error: /never ends/, raw: `${open}call:set_color{color:${quote}red}${close}`, name: 'set_color' }, { text: '\nok' }],
    },
    'an object that is not closed': refused(`call:set_color{color:${quote}red${quote}`, 'set_color'),
    'brackets that do not match': refused('call:any{a:[1}', 'any'),
    'no colon': refused('call:any{a}', 'any'),
    'no value': refused('call:any{a:}', 'any'),
    'a comma forgotten': refused(`call:any{a:${quote}x${quote}b:1}`, 'any'),
    'two commas': refused('call:any{a:1,,b:2}', 'any'),
    'no prefix': refused(`set_color{color:${quote}red${quote}}`),
    'no braces': refused('call:get_color'),
    'nothing': refused(''),
    'damage before a good call': {
      output: block('call:any{a}') + block(blue),
      expected: [{ error: /not well formed/, raw: block('call:any{a}') }, callBlue],
    },
    'damage without a closing marker before a good call': {
      output: `${open}call:any{a ${block(blue)}`,
      expected: [{ error: /not well formed/, raw: `${open}call:any{a ` }, callBlue],
    },
    'cut off in the prefix': { output: `${open}cal`, reason: 'length', expected: [{ error: /token limit/, raw: `${open}cal` }] },
    'cut off in a string': {
      output: `${block(red)}${open}call:set_color{color:${quote}bl`,
      reason: 'length',
      expected: [callRed, { error: /token limit/, raw: `${open}call:set_color{color:${quote}bl`, name: 'set_color' }],
    },
    'cut off in the closing marker': { output: open + red + close.slice(0, 5), reason: 'length', expected: [callRed] },
    'stopped': { output: `${open}call:set_color{`, reason: 'abort', expected: [{ error: /stopped/, name: 'set_color' }] },
  }
}

/** What FunctionGemma writes beside what all formats share. */
export const functiongemmaOutputs: Record<string, OutputCase> = {
  ...gemmaOutputs('<start_function_call>', '<end_function_call>', '<escape>'),
  'a response that the model makes up': {
    output: '<start_function_call>call:get_color{}<end_function_call><start_function_response>response:get_color{value:<escape>red<escape>}<end_function_response>Red.',
    expected: [{ call: 'get_color', input: {} }, { text: 'Red.' }],
  },
  'a response that the model begins to make up': {
    output: '<start_function_call>call:get_color{}<end_function_call><start_function_response>response:get',
    expected: [{ call: 'get_color', input: {} }],
  },
  'a string without quotes': {
    output: '<start_function_call>call:set_color{color:red}<end_function_call>',
    expected: [{ error: /not well formed/, name: 'set_color' }],
  },
  'a string between other quotes': {
    output: '<start_function_call>call:set_color{color:"red"}<end_function_call>',
    expected: [{ error: /not well formed/, name: 'set_color' }],
  },
}

const open = '<|tool_call>'
const close = '<tool_call|>'
const lenient = (written: string, input: unknown): OutputCase => ({ output: `${open}call:any{${written}}${close}`, expected: [{ call: 'any', input }] })
const thought = (output: string, expected: ExpectedContent[], generationPrompt = ''): OutputCase => ({ output, expected, options: { generationPrompt } })

/** What Gemma 4 writes beside what all formats share. */
export const gemma4Outputs: Record<string, OutputCase> = {
  ...gemmaOutputs(open, close, '<|"|>'),
  'strings in the quotes of JSON': lenient('a:"x, {y}",b:["\\"\\n\\u00e9\\ud83d\\ude00\\\\",""],"c d":1', { a: 'x, {y}', b: ['"\né😀\\', ''], 'c d': 1 }),
  'quoted keys': lenient('<|"|>a: b<|"|>:1,c:{<|"|>d}<|"|>:2}', { 'a: b': 1, c: { 'd}': 2 } }),
  'strings without quotes': lenient('a:New York,b:[x y, z],c:12:30', { a: 'New York', b: ['x y', 'z'], c: '12:30' }),
  'constants of Python': lenient('a:True,b:False,c:None', { a: true, b: false, c: null }),
  'a comma at the end': lenient('a:[1,],b:2,', { a: [1], b: 2 }),
  'text without quotes is text by its schema': {
    output: `${open}call:write{text:12345}${close}${open}call:all{text:true,count:3,on:true}${close}`,
    expected: [{ call: 'write', input: { text: '12345' } }, { call: 'all', input: { text: 'true', count: 3, on: true } }],
  },
  'a thought': thought('<|channel>thought\nRed?\n<channel|>Red.', [{ reasoning: 'Red?\n' }, { text: 'Red.' }]),
  'an empty thought': thought('<|channel>thought\n<channel|>Red.', [{ text: 'Red.' }]),
  'a thought without a line for its name': thought('<|channel>thought<channel|>Red.', [{ text: 'Red.' }]),
  'a channel without a name': thought('<|channel>I see.<channel|>Red.', [{ reasoning: 'I see.' }, { text: 'Red.' }]),
  'a thought between calls': thought(
    `${open}call:get_color{}${close}<|channel>thought\nRed?<channel|>${open}call:get_color{}${close}`,
    [{ call: 'get_color', input: {} }, { reasoning: 'Red?' }, { call: 'get_color', input: {} }],
  ),
  'a thought that the prompt closed': thought('Red.', [{ text: 'Red.' }], '<|turn>model\n<|channel>thought\n<channel|>'),
  'a thought that the prompt began with its name': thought('Red?<channel|>Red.', [{ reasoning: 'Red?' }, { text: 'Red.' }], '<|channel>thought\n'),
  'an answer whose prompt holds an older one': thought('Red.', [{ text: 'Red.' }], '<|channel>thought\nx<channel|>Blue.<turn|>\n<|turn>model\n'),
  'think tags are text': thought('The <think> tag.', [{ text: 'The <think> tag.' }]),
  'a response that the model makes up': {
    output: `${open}call:get_color{}${close}<|tool_response>response:get_color{value:1}<tool_response|>Red.`,
    expected: [{ call: 'get_color', input: {} }, { text: 'Red.' }],
  },
}
