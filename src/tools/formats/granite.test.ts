import { expect, it } from 'vitest'
import { granite } from './granite.js'
import { describeFormat } from './testing/describeFormat.js'
import { graniteOutputs } from './testing/graniteOutputs.js'

describeFormat(
  {
    format: 'granite',
    write: (calls) => `<|tool_call|>${JSON.stringify(calls.map(({ name, input }) => ({ name, arguments: input })))}`,
    markup: ['<|start_of_role|>'],
  },
  graniteOutputs,
)

it('writes calls to the letter', () => {
  expect(granite.renderCalls([{ name: 'one', input: { a: [1, 'x'] } }, { name: 'two', input: {} }])).toBe(
    '<|tool_call|>[{"name": "one", "arguments": {"a": [1, "x"]}}, {"name": "two", "arguments": {}}]',
  )
})
