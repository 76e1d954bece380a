import { expect, it } from 'vitest'
import { getToolFormat } from './registry.js'
import { describeFormat } from './testing/describeFormat.js'
import { mistralListOutputs, mistralOutputs } from './testing/mistralOutputs.js'

const markup = ['[ARGS]', '[CALL_ID]', '[/TOOL_RESULTS]', '[THINK]']
const list = getToolFormat('mistral', { chatTemplate: '[AVAILABLE_TOOLS] [TOOL_CALLS] [' })
const calls = [{ name: 'one', input: { a: [1, 'x'] } }, { name: 'two', input: {} }]

describeFormat(
  {
    format: 'mistral',
    write: (written) => written.map(({ name, input }) => `[TOOL_CALLS]${name}[ARGS]${JSON.stringify(input)}`).join(''),
    markup,
  },
  mistralOutputs,
)

describeFormat(
  {
    format: list,
    write: (written) => `[TOOL_CALLS] ${JSON.stringify(written.map(({ name, input }) => ({ name, arguments: input })))}`,
    markup,
  },
  mistralListOutputs,
)

it('writes calls to the letter, as either generation does', () => {
  expect(getToolFormat('mistral').renderCalls(calls)).toBe('[TOOL_CALLS]one[ARGS]{"a": [1, "x"]}[TOOL_CALLS]two[ARGS]{}')
  expect(list.renderCalls(calls)).toBe('[TOOL_CALLS] [{"name": "one", "arguments": {"a": [1, "x"]}}, {"name": "two", "arguments": {}}]')
})

it.each([
  ['a template with [ARGS]', { chatTemplate: `'[TOOL_CALLS]' + name + '[ARGS]' + arguments` }, 'one[ARGS]'],
  ['a template with a list', { chatTemplate: `"[TOOL_CALLS] ["`, specialTokens: ['[ARGS]'] }, ' [{"name": "one"'],
  ['no template but the token', { specialTokens: ['[TOOL_CALLS]', '[ARGS]'] }, 'one[ARGS]'],
  ['no template and an older vocabulary', { specialTokens: ['[TOOL_CALLS]'] }, ' [{"name": "one"'],
  ['nothing', {}, 'one[ARGS]'],
])('tells the generation from %s', (_name, clues, opening) => {
  expect(getToolFormat('mistral', clues).forcedOpening({ name: 'one' })).toContain(opening)
})
