import type { OutputCase } from './types.js'

const red = '{"name": "set_color", "arguments": {"color": "red"}}'
const callRed = { call: 'set_color', input: { color: 'red' } }

/** What SmolLM2 writes beside what all formats share. */
export const smollm2Outputs: Record<string, OutputCase> = {
  'an empty list': { output: '<tool_call>[]</tool_call>', expected: [] },
  'an empty list, then text': { output: '<tool_call>[\n]</tool_call>\nNo tool fits.', expected: [{ text: '\nNo tool fits.' }] },
  'a call without its list': { output: `<tool_call>${red}</tool_call>`, expected: [callRed] },
  'a list that was not closed': { output: `<tool_call>[\n${red}</tool_call>.`, expected: [callRed, { text: '.' }] },
  'a list cut off behind its first call': { output: `<tool_call>[\n${red},\n`, reason: 'length', expected: [callRed] },
  'a list cut off in its second call': {
    output: `<tool_call>[\n${red},\n{"name": "write", "ar`,
    reason: 'length',
    expected: [callRed, { error: /token limit/, name: 'write' }],
  },
}
