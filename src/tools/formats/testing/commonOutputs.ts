import { formatOf } from './parseOutput.js'
import type { Dialect, ExpectedContent, OutputCase, WrittenCall } from './types.js'

const red: WrittenCall = { name: 'set_color', input: { color: 'red' } }
const blue: WrittenCall = { name: 'set_color', input: { color: 'blue' } }
const nested = { a: [[{ b: {} }], []], n: [-1500, 0, 0.25, true, false, null], name: 'x', arguments: { y: '}' }, '': 'é' }

/** The meaning of a call that is right. */
function called({ name, input }: WrittenCall): ExpectedContent {
  return { call: name, input }
}

/** What every format has to read right, written in one family's way. */
export function commonOutputs(dialect: Dialect): Record<string, OutputCase> {
  const { write } = dialect
  const between = dialect.between === undefined ? [] : [{ text: dialect.between }]
  return {
    'plain text': { output: 'Hello, world.\n\n- one\n- two  \n', expected: [{ text: 'Hello, world.\n\n- one\n- two  \n' }] },
    'blanks alone': { output: ' \n\n ', expected: [{ text: ' \n\n ' }] },
    'nothing': { output: '', expected: [] },
    'a call': { output: write([red]), expected: [called(red)] },
    'several calls': {
      output: write([red, blue, { name: 'get_color', input: {} }]),
      expected: [called(red), ...between, called(blue), ...between, { call: 'get_color', input: {} }],
    },
    'text before a call, kept to the blank': {
      output: `  Sure: 😀\n\n${write([red])}`,
      expected: [{ text: '  Sure: 😀\n\n' }, called(red)],
    },
    'text between calls': {
      output: `First red.${write([red])}\nThen (blue) it is. ${write([blue])}`,
      expected: [{ text: 'First red.' }, called(red), { text: '\nThen (blue) it is. ' }, called(blue)],
    },
    'text after a call': { output: `${write([red])}\n\nDone. `, expected: [called(red), { text: '\n\nDone. ' }] },
    'every type of argument': {
      output: write([{ name: 'all', input: allTypes }]),
      expected: [{ call: 'all', input: allTypes }],
    },
    'deep nesting': {
      output: write([{ name: 'all', input: { nested } }]),
      expected: [{ call: 'all', input: { nested } }],
    },
    'numbers that look like words, and words like numbers': {
      output: write([{ name: 'all', input: { text: '5', count: -7, ratio: -0.5, on: false } }, { name: 'all', input: { text: 'true' } }]),
      expected: [
        { call: 'all', input: { text: '5', count: -7, ratio: -0.5, on: false } },
        ...between,
        { call: 'all', input: { text: 'true' } },
      ],
    },
    ...strings(dialect),
    ...refusals(write),
    ...reasoning(dialect),
  }
}

const allTypes = { text: 'a b', count: 3, ratio: 0.5, on: true, none: null, list: [1, 'two', [3], { four: null }], nested: { a: { b: [] } } }

function strings(dialect: Dialect): Record<string, OutputCase> {
  const { write, markup = [], canWrite = () => true } = dialect
  const { opening, closing } = formatOf(dialect)
  const markers = [...opening, ...closing, ...markup, '<think>', '</think>', '<tool_call>', '[TOOL_CALLS]']
  const texts: Record<string, string> = {
    'an empty string': '',
    'quotes and backslashes': 'He said "no" and \'yes\' \\ \\n \\u0041 `x`',
    'line breaks': 'one\ntwo\n\n\tthree',
    'brackets': '}]){[( {"name": "x", "arguments": {}} f(a=1)',
    'other scripts and emoji': 'été 日本語 👩‍👩‍👧 \u2028',
    'separators': ', ; : = | < > & &amp; </',
    ...Object.fromEntries(markers.map((marker) => [`the marker ${marker}`, `a ${marker} b`])),
    'all markers': `${markers.join(' ')}.`,
  }
  return Object.fromEntries(
    Object.entries(texts)
      .filter(([, text]) => canWrite(text))
      .map(([name, text]) => {
        const call = { name: 'write', input: { text } }
        return [`in a string: ${name}`, { output: `Ok ${write([call])}.`, expected: [{ text: 'Ok ' }, called(call), { text: '.' }] }]
      }),
  )
}

function refusals(write: Dialect['write']): Record<string, OutputCase> {
  return {
    'a tool that does not exist': {
      output: write([{ name: 'set_colour', input: { color: 'red' } }]),
      expected: [{ error: /There is no tool named "set_colour".*set_color, get_color/, name: 'set_colour', input: { color: 'red' } }],
    },
    'a value outside of the enum': {
      output: write([{ name: 'set_color', input: { color: 'mauve' } }]),
      expected: [{ error: /color.*red.*blue/, name: 'set_color', input: { color: 'mauve' } }],
    },
    'a required argument that is missing': {
      output: write([{ name: 'write', input: {} }]),
      expected: [{ error: /text/, name: 'write', input: {} }],
    },
    'an argument of the wrong type': {
      output: write([{ name: 'set_color', input: { color: 'red', fade: 'slow' } }]),
      expected: [{ error: /fade/, name: 'set_color', input: { color: 'red', fade: 'slow' } }],
    },
  }
}

function reasoning({ write, thinking = ['<think>', '</think>'] }: Dialect): Record<string, OutputCase> {
  if (thinking === null) return {}
  const [open, close] = thinking
  return {
    'reasoning before text': {
      output: `${open}\nRed or blue?\n${close}\n\nRed.`,
      expected: [{ reasoning: '\nRed or blue?\n' }, { text: '\n\nRed.' }],
    },
    'reasoning before a call': { output: `${open}Hm.${close}${write([red])}`, expected: [{ reasoning: 'Hm.' }, called(red)] },
    'a call inside reasoning': {
      output: `${open}I could write ${write([red])}!${close}Or not.`,
      expected: [{ reasoning: `I could write ${write([red])}!` }, { text: 'Or not.' }],
    },
    'reasoning that the prompt opened': {
      output: `Red.${close}${write([red])}`,
      options: { generationPrompt: `assistant\n${open}\n` },
      expected: [{ reasoning: 'Red.' }, called(red)],
    },
    'reasoning cut off': { output: `${open}a lot`, reason: 'length', expected: [{ reasoning: 'a lot' }] },
  }
}
