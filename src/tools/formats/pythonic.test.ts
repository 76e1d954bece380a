import { expect, it } from 'vitest'
import { lfm2 } from './lfm2.js'
import { pythonic } from './pythonic.js'
import { describeFormat } from './testing/describeFormat.js'
import { lfm2Outputs, pythonicOutputs } from './testing/pythonicOutputs.js'
import type { WrittenCall } from './testing/types.js'

describeFormat({ format: 'pythonic', write: (calls) => `[${calls.map(python('"')).join(', ')}]`, markup: [']', ')]'] }, pythonicOutputs)

describeFormat(
  { format: lfm2, write: (calls) => `<|tool_call_start|>[${calls.map(python("'")).join(', ')}]<|tool_call_end|>` },
  lfm2Outputs,
)

it('writes with markers for a model that has them', () => {
  expect(pythonic.variant?.({ chatTemplate: '"List of tools: <|tool_list_start|>["' })).toBe(lfm2)
  expect(pythonic.variant?.({ specialTokens: ['<|im_end|>', '<|tool_call_start|>'] })).toBe(lfm2)
  expect(pythonic.variant?.({ chatTemplate: '[func_name1(', specialTokens: ['<|python_start|>'] })).toBe(pythonic)
})

function python(quote: string): (call: WrittenCall) => string {
  const literal = (value: unknown): string => {
    if (typeof value === 'string') return quote + value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`) + quote
    if (typeof value === 'boolean') return value ? 'True' : 'False'
    if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
    if (typeof value !== 'object') return String(value)
    if (value === null) return 'None'
    return `{${Object.entries(value).map(([key, item]) => `${literal(key)}: ${literal(item)}`).join(', ')}}`
  }
  return ({ name, input }) => `${name}(${Object.entries(input).map(([key, value]) => `${key}=${literal(value)}`).join(', ')})`
}
