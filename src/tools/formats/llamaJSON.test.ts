import { expect, it } from 'vitest'
import { llamaJSON } from './llamaJSON.js'
import { describeFormat } from './testing/describeFormat.js'
import { llamaJSONOutputs } from './testing/llamaJSONOutputs.js'
import { parseOutput } from './testing/parseOutput.js'

const write = (calls: readonly { name: string; input: unknown }[]): string =>
  `<|python_tag|>${calls.map(({ name, input }) => JSON.stringify({ name, parameters: input })).join('; ')}`

describeFormat({ format: 'llama-json', write, markup: ['<|start_header_id|>', '; {'] }, llamaJSONOutputs)

it('writes calls to the letter', () => {
  expect(llamaJSON.renderCalls([{ name: 'one', input: { a: [1, 'x'] } }, { name: 'two', input: {} }])).toBe(
    '{"name": "one", "parameters": {"a": [1, "x"]}}; {"name": "two", "parameters": {}}',
  )
})

it('reads bare calls cut off anywhere: no text leaks, and what was complete stands', () => {
  const calls = [{ name: 'set_color', input: { color: 'red' } }, { name: 'write', input: { text: '{"a"}; {' } }]
  const output = llamaJSON.renderCalls(calls)
  for (let length = 2; length <= output.length; length++) {
    const events = parseOutput('llama-json', [output.slice(0, length)], 'length')
    const read = events.flatMap((event) => (event.type === 'tool-call' ? [{ name: event.name, input: event.input }] : []))
    const errors = events.filter(({ type }) => type === 'tool-error')
    expect(read).toEqual(calls.slice(0, read.length))
    if (read.length === 0) expect(errors).toHaveLength(1)
    expect(events.flatMap((event) => (event.type === 'text-delta' ? [event.text.trim()] : [])).join('')).toMatch(/^\{?$/)
  }
})

it('shows a JSON answer as soon as its first key tells that it is no call', () => {
  const [first] = parseOutput('llama-json', ['{"answer'])
  expect(first).toEqual({ type: 'text-delta', text: '{"answer' })
})
