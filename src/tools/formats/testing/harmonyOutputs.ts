import type { ExpectedContent, OutputCase } from './types.js'

const red = '<|channel|>commentary to=functions.set_color <|constrain|>json<|message|>{"color":"red"}'
const blue = '<|channel|>commentary to=functions.set_color <|constrain|>json<|message|>{"color":"blue"}'
const callRed = { call: 'set_color', input: { color: 'red' } }
const callBlue = { call: 'set_color', input: { color: 'blue' } }
const next = '<|start|>assistant'

/** An answer to a prompt as gpt-oss's template ends it. */
const answer = (output: string, expected: ExpectedContent[], generationPrompt = '<|end|><|start|>assistant'): OutputCase => ({
  output,
  expected,
  options: { generationPrompt },
})
const called = (output: string): OutputCase => answer(output, [callRed])

/** What gpt-oss writes, well-formed and damaged. */
export const harmonyOutputs: Record<string, OutputCase> = {
  'analysis and a final answer': answer(`<|channel|>analysis<|message|>Red or blue?<|end|>${next}<|channel|>final<|message|>Red.\n<|return|>`, [
    { reasoning: 'Red or blue?' },
    { text: 'Red.\n' },
  ]),
  'analysis and a call': answer(`<|channel|>analysis<|message|>Hm.<|end|>${next}${red}<|call|>`, [{ reasoning: 'Hm.' }, callRed]),
  'a preamble is text': answer(`<|channel|>commentary<|message|>I will:\n1. paint<|end|>${next}${red}<|call|>`, [
    { text: 'I will:\n1. paint' },
    callRed,
  ]),
  'several analyses': answer(`<|channel|>analysis<|message|>a<|end|>${next}<|channel|>analysis<|message|>b<|end|>${next}<|channel|>final<|message|>c`, [
    { reasoning: 'ab' },
    { text: 'c' },
  ]),
  'without the token that ended it': called(red),
  'ended as a message': called(`${red}<|end|>`),
  'without constrain': called('<|channel|>commentary to=functions.set_color json<|message|>{"color":"red"}<|call|>'),
  'without a type': called('<|channel|>commentary to=functions.set_color<|message|>{"color":"red"}<|call|>'),
  'without a blank before constrain': called('<|channel|>commentary to=functions.set_color<|constrain|>json<|message|>{"color":"red"}<|call|>'),
  'the recipient before the channel': called(' to=functions.set_color<|channel|>commentary json<|message|>{"color":"red"}<|call|>'),
  'the recipient before the channel, after analysis': answer(
    `<|channel|>analysis<|message|>Hm.<|end|>${next} to=functions.set_color<|channel|>commentary <|constrain|>json<|message|>{"color":"red"}<|call|>`,
    [{ reasoning: 'Hm.' }, callRed],
  ),
  'in the analysis channel': called('<|channel|>analysis to=functions.set_color <|constrain|>json<|message|>{"color":"red"}<|call|>'),
  'a recipient without its namespace': called('<|channel|>commentary to=set_color <|constrain|>json<|message|>{"color":"red"}<|call|>'),
  'arguments over many lines': called(red.replace('{"color":"red"}', '\n{\n  "color" : "red"\n}\n')),
  'arguments left out': answer('<|channel|>commentary to=functions.get_color<|message|><|call|>', [{ call: 'get_color', input: {} }]),
  'two calls': answer(`${red}<|call|>${next}${blue}<|call|>`, [callRed, callBlue]),
  'line breaks between messages': answer(`<|channel|>analysis<|message|>a<|end|>\n${next}<|channel|>final<|message|>b<|return|>\n`, [
    { reasoning: 'a' },
    { text: 'b\n' },
  ]),
  'markers in a string': answer(
    '<|channel|>commentary to=functions.write <|constrain|>json<|message|>{"text":"<|call|><|end|><|start|>assistant<|channel|>final<|message|>}"}<|call|>',
    [{ call: 'write', input: { text: '<|call|><|end|><|start|>assistant<|channel|>final<|message|>}' } }],
  ),
  'an answer in a final message that the prompt opened': answer('Red.', [{ text: 'Red.' }], '<|start|>assistant<|channel|>final<|message|>'),
  'an analysis that the prompt opened': answer(
    `Red?<|end|>${next}<|channel|>final<|message|>Red.`,
    [{ reasoning: 'Red?' }, { text: 'Red.' }],
    '<|start|>assistant<|channel|>analysis<|message|>',
  ),
  'a call that the prompt opened': answer('{"color":"red"}<|call|>', [callRed], '<|start|>assistant<|channel|>commentary to=functions.set_color<|message|>'),
  'a channel after another in one message': answer(`<|channel|>analysis<|message|>a<|channel|>final<|message|>b`, [{ reasoning: 'a' }, { text: 'b' }]),
  'an unknown channel is text': answer('<|channel|>confidence<|message|>high<|end|>', [{ text: 'high' }]),
  'text without a channel': answer('Red it is, to=you.', [{ text: 'Red it is, to=you.' }]),
  'text that begins with a blank': answer(' to be or not', [{ text: ' to be or not' }]),
  'a header without its message': answer('<|channel|>final\nRed.', [{ text: '\nRed.' }]),
  'an analysis without its message': answer('<|channel|>analysis Red?', [{ reasoning: ' Red?' }]),
  'stray markers': answer('<|channel|>final<|message|>a<|message|>b<|constrain|>c<|end|>', [{ text: 'abc' }]),
  'an empty message': answer(`<|channel|>analysis<|message|><|end|>${next}<|channel|>final<|message|>a`, [{ text: 'a' }]),
  'think tags are text': answer('<|channel|>final<|message|>The <think> tag.', [{ text: 'The <think> tag.' }]),
  'a result that the model makes up': answer(
    `${red}<|call|><|start|>functions.set_color to=assistant<|channel|>commentary<|message|>{"ok":true}<|end|>${next}<|channel|>final<|message|>Done.`,
    [callRed, { text: 'Done.' }],
  ),
  'a message of the user that the model makes up': answer(
    `<|channel|>final<|message|>Red.<|end|><|start|>user<|message|>And blue?<|end|>${next}<|channel|>final<|message|>Blue.`,
    [{ text: 'Red.Blue.' }],
  ),

  'a tool that does not exist': answer('<|channel|>commentary to=functions.paint <|constrain|>json<|message|>{"a":1}<|call|>', [
    { error: /no tool named "paint"/, name: 'paint', input: { a: 1 } },
  ]),
  'a tool of its own': answer(`<|channel|>analysis to=python code<|message|>print(1)<|call|>${next}<|channel|>final<|message|>1`, [
    { error: /cannot be read|no tool/, raw: '<|channel|>analysis to=python code<|message|>print(1)' },
    { text: '1' },
  ]),
  'damage before a good call': answer(`${red.slice(0, -6)}red}<|call|>${next}${blue}<|call|>`, [{ error: /cannot be read|not valid JSON/, name: 'set_color' }, callBlue]),
  'arguments that are a list': answer('<|channel|>commentary to=functions.any<|message|>[1]<|call|>', [{ error: /cannot be read/, name: 'any' }]),
  'arguments in Python': answer("<|channel|>commentary to=functions.any<|message|>{'a': 1}<|call|>", [{ error: /cannot be read/, name: 'any' }]),
  'a string that never ends': answer('<|channel|>commentary to=functions.any<|message|>{"a":"x}<|call|>', [
    { error: /never ends/, name: 'any', raw: '<|channel|>commentary to=functions.any<|message|>{"a":"x}' },
  ]),
  'a header to a function that breaks off': answer(`<|channel|>commentary to=functions.any<|end|>${next}<|channel|>final<|message|>a`, [
    { error: /cannot be read/, raw: '<|channel|>commentary to=functions.any' },
    { text: 'a' },
  ]),
  'cut off in a call': { ...answer(red.slice(0, -4), [{ error: /token limit/, name: 'set_color', raw: red.slice(0, -4) }]), reason: 'length' },
  'cut off in the header of a call': {
    ...answer('<|channel|>commentary to=functions.set_co', [{ error: /token limit/, raw: '<|channel|>commentary to=functions.set_co' }]),
    reason: 'length',
  },
  'cut off behind a call': { ...answer(red, [callRed]), reason: 'length' },
  'cut off in analysis': { ...answer('<|channel|>analysis<|message|>Re', [{ reasoning: 'Re' }]), reason: 'length' },
  'cut off before a final answer': { ...answer(`<|channel|>analysis<|message|>Red?<|end|>${next}`, [{ reasoning: 'Red?' }]), reason: 'length' },
}
