import { describe, expect, it } from 'vitest'
import { hermesSetup } from '../../../test/helpers/hermesModel.js'
import { loadGrammarLibrary } from '../../../test/helpers/grammarLibrary.js'
import { getToolFormat, toolFormatNames, type ToolChoice, type ToolFormat } from '../../tools/index.js'
import { ChatCodec } from '../generate/ChatCodec.js'
import { GrammarService } from './GrammarService.js'

const { tokenizer, endTokens } = new ChatCodec(hermesSetup())
const service = new GrammarService({ tokenizer, endTokens, markers: [], load: loadGrammarLibrary })

const tools = [
  { name: 'paint', description: '', inputSchema: { type: 'object', properties: { color: { enum: ['red', 'dark "blue"'] }, tags: { type: 'array', items: { type: 'string' } } }, required: ['color'] } },
  { name: 'clear_all', description: '', inputSchema: { type: 'object', properties: {} } },
]
const calls = [
  { name: 'paint', input: { color: 'dark "blue"', tags: ['a\nb', 'é\\'] } },
  { name: 'clear_all', input: {} },
]

/** Formats, and variants of formats. */
const formats = toolFormatNames
  .map((name) => getToolFormat(name))
  .flatMap((format): [string, ToolFormat][] => [
    [format.name, format],
    ...(format.name === 'mistral' ? [['mistral, earlier', format.variant!({ chatTemplate: '[TOOL_CALLS]' })] as [string, ToolFormat]] : []),
  ])

/** Whether the grammar of the opening that `text` begins with takes all of the rest. */
async function fits(format: ToolFormat, text: string, choice: ToolChoice = 'required'): Promise<boolean> {
  const found = format.grammar!(tools, choice).find(({ opening }) => text.startsWith(opening))
  if (found === undefined) throw new Error(`No opening of ${format.name} begins ${text}`)
  const match = await service.match(found.block, { isLast: false })
  // A token that ends the answer ends a call of harmony.
  const rest = text.slice(found.opening.length).replace(/<\|call\|>$/, '')
  // Where several calls may follow each other, a block is over after each.
  const isWhole = match.acceptText(rest) && match.isOver
  match.dispose()
  return isWhole
}

it('there is no format without a grammar', () => {
  expect(toolFormatNames.filter((name) => getToolFormat(name).grammar === undefined)).toEqual([])
})

describe.each(formats)('%s', (_, format) => {
  it('lets pass what the format renders', async () => {
    for (const call of calls) expect([call, await fits(format, format.renderCalls([call]))]).toEqual([call, true])
  })

  it('goes on from how the format forces a call', async () => {
    for (const call of calls) {
      const text = format.renderCalls([call])
      expect(text.startsWith(format.forcedOpening('required')!)).toBe(true)
      expect(text.startsWith(format.forcedOpening({ name: call.name })!)).toBe(true)
    }
  })

  it.each([
    { name: 'explode', input: {} },
    { name: 'paint', input: { color: 'green' } },
    { name: 'paint', input: {} },
    { name: 'paint', input: { color: 'red', size: 3 } },
    { name: 'clear_all', input: { color: 'red' } },
  ])('stops $name $input', async (call) => {
    expect(await fits(format, format.renderCalls([call]))).toBe(false)
  })
})

it('smollm2 may call nothing, unless it has to', async () => {
  const nothing = '<tool_call>[]</tool_call>'
  const format = getToolFormat('smollm2')
  expect([await fits(format, nothing, 'auto'), await fits(format, nothing, 'required')]).toEqual([true, false])
})

it('lists of calls are one block', async () => {
  for (const name of ['smollm2', 'granite'] as const) expect(await fits(getToolFormat(name), getToolFormat(name).renderCalls(calls))).toBe(true)
})

it('llama-json watches a bare brace only where a call has to be made', () => {
  const openings = (choice: ToolChoice) => getToolFormat('llama-json').grammar!(tools, choice).map(({ opening }) => opening)
  expect([openings('auto'), openings('required')]).toEqual([['<|python_tag|>'], ['<|python_tag|>', '{']])
})

it('qwen3-xml needs no block around a call', async () => {
  const format = getToolFormat('qwen3-xml')
  const alone = format.renderCalls([calls[1]!]).slice('<tool_call>\n'.length, -'\n</tool_call>'.length)
  expect([alone, await fits(format, alone)]).toEqual(['<function=clear_all>\n</function>', true])
})
