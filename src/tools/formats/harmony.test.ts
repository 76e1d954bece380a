import { expect, it } from 'vitest'
import { harmony } from './harmony.js'
import { describeFormat } from './testing/describeFormat.js'
import { harmonyOutputs } from './testing/harmonyOutputs.js'

describeFormat(
  {
    format: 'harmony',
    write: (calls) =>
      calls
        .map(({ name, input }) => `<|channel|>commentary to=functions.${name} <|constrain|>json<|message|>${JSON.stringify(input)}<|call|>`)
        .join('<|start|>assistant'),
    thinking: null,
    markup: ['<|start|>', '<|channel|>', '<|end|>', '<|return|>', '<|call|>', '<|start|>assistant<|channel|>final<|message|>'],
  },
  harmonyOutputs,
)

it('describes tools as a TypeScript namespace', () => {
  const weather = {
    name: 'get_weather',
    description: 'The weather in a place.\nNow.',
    inputSchema: {
      type: 'object',
      properties: {
        place: { type: 'string', description: 'The city' },
        unit: { type: 'string', enum: ['celsius', 'fahrenheit'], default: 'celsius' },
        days: { type: 'array', items: { type: ['integer', 'null'] } },
        'at-least': { type: 'object', properties: { wind: { type: 'number' } }, required: ['wind'] },
      },
      required: ['place'],
    },
  }
  const here = { name: 'get_place', description: '', inputSchema: { type: 'object', properties: {} } }
  expect(harmony.systemPrompt([here, weather], 'Be brief.')).toBe(`# Instructions

Be brief.

# Tools

## functions

namespace functions {

type get_place = () => any;

// The weather in a place.
// Now.
type get_weather = (_: {
// The city
place: string,
unit?: "celsius" | "fahrenheit", // default: "celsius"
days?: (number | null)[],
"at-least"?: {
wind: number,
},
}) => any;

} // namespace functions

# Valid channels: analysis, commentary, final. Channel must be included for every message.
Calls to these tools must go to the commentary channel: 'functions'.`)
})
