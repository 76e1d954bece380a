import { describe, expect, it } from 'vitest'
import type { PromptMessage } from '../../inference/types.js'
import { countDoubts, doubtLine } from './countDoubts.js'
import { createReport } from './createReport.js'
import type { EvalOptions } from './readOptions.js'
import type { EvalCase, PlainCall } from './types.js'

const tools = [
  {
    name: 'set_volume',
    description: 'Set the volume',
    inputSchema: { type: 'object', properties: { room: { type: 'string' }, volume: { type: 'number', maximum: 100 } }, required: ['volume'] },
  },
]

const call = (args: object): PlainCall => ({ name: 'set_volume', arguments: args })

function answered(id: string, messages: PromptMessage[] | string, toolCalls: PlainCall[], expected?: PlainCall[][]) {
  const asked = typeof messages === 'string' ? [{ role: 'user' as const, content: messages }] : messages
  const item: EvalCase = { id, category: 'any', messages: asked, tools, expected }
  return { ...item, prediction: { id, toolCalls, rejected: [], text: '' } }
}

const cases = [
  answered('said', 'Volume to 40', [call({ volume: 40 })], [[call({ volume: 40 })]]),
  answered('invented', 'Turn it up a bit', [call({ volume: 73 })], [[]]),
  answered('bent', 'Volume to 150', [call({ volume: 100 })], [[]]),
  answered('negated', 'Don’t set the volume to 30', [call({ volume: 30 })], [[]]),
  answered('wrong and missed', 'Volume to 40, not as before at 20', [call({ volume: 20 })], [[call({ volume: 40 })]]),
  answered('not judged', 'Louder', [call({ volume: 61 })]),
  answered('no call', 'Hello', [], [[]]),
]

describe('the count of doubtful calls', () => {
  it('tells right calls from wrong ones, and says what was found', () => {
    const count = countDoubts(cases)
    expect(count).toMatchObject({ calls: 6, stopped: 4, right: { calls: 1, stopped: 0 }, wrong: { calls: 4, stopped: 3 } })
    expect(count.found.map(({ id, doubts, isRight }) => [id, doubts[0]?.kind, isRight])).toEqual([
      ['invented', 'ungrounded', false],
      ['bent', 'out-of-range', false],
      ['negated', 'negated', false],
      ['not judged', 'ungrounded', undefined],
    ])
    expect(doubtLine(count)).toBe('Doubts would stop 4 of 6 calls: 0 of 1 right ones, 3 of 4 wrong ones.\n')
  })

  it('leaves right and wrong out where no case says what is right', () => {
    expect(doubtLine(countDoubts(cases.filter(({ id }) => id === 'not judged')))).toBe('Doubts would stop 1 of 1 calls.\n')
  })

  it('takes values from results, from the system prompt, and from earlier calls and answers', () => {
    const last: PromptMessage = { role: 'user', content: 'The same again' }
    const earlier: PromptMessage[][] = [
      [{ role: 'system', content: 'The usual volume is 35.' }],
      [{ role: 'assistant', content: 'It was 35.' }],
      [{ role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'set_volume', input: { volume: 35 } }] }],
      [{ role: 'tool', toolCallId: 'a', name: 'get_volume', content: '{"volume":35}' }],
    ]
    const stopped = (history: PromptMessage[]) => countDoubts([answered('x', [...history, last], [call({ volume: 35 })])]).stopped
    expect(earlier.map(stopped)).toEqual([0, 0, 0, 0])
    expect(stopped([])).toBe(1)
  })

  it('is part of a report only where it was asked for, and changes no score', () => {
    const report = (doubts: boolean) =>
      createReport({
        cases,
        predictions: new Map(cases.map(({ id, prediction }) => [id, prediction])),
        options: { doubts } as EvalOptions,
        model: undefined,
        totalMs: 1,
      })
    expect(report(false).doubts).toBeUndefined()
    expect(report(true)).toMatchObject({ doubts: { calls: 6, stopped: 4 }, scores: report(false).scores })
  })
})
