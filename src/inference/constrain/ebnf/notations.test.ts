import { describe, expect, it } from 'vitest'
import { hermesSetup } from '../../../../test/helpers/hermesModel.js'
import { loadGrammarLibrary } from '../../../../test/helpers/grammarLibrary.js'
import { createToolCallParser, getToolFormat, type ToolFormat } from '../../../tools/index.js'
import { ChatCodec } from '../../generate/ChatCodec.js'
import { GrammarService } from '../GrammarService.js'

const { tokenizer, endTokens } = new ChatCodec(hermesSetup())
const service = new GrammarService({ tokenizer, endTokens, markers: [], load: loadGrammarLibrary })

const lfm2 = getToolFormat('pythonic', { specialTokens: ['<|tool_call_start|>'] })
const [pythonic, functiongemma, gemma4] = (['pythonic', 'functiongemma', 'gemma4'] as const).map((name) => getToolFormat(name)) as [ToolFormat, ToolFormat, ToolFormat]

const string = { type: 'string' }
const properties = { text: string, short: { ...string, maxLength: 3 }, code: { ...string, pattern: '^[a-z<\']+$' }, kind: { enum: ["rock'n'roll", 'a"b', 'c\\d', '<x', true, null, { k: ['v'] }] }, any: {}, 'a b': string, map: { type: 'object', additionalProperties: { type: 'integer' } } }
const anything = { type: 'object', properties }

/** What the format's reader makes of a call with these arguments; 'refused' where the grammar does not let them pass. */
async function read(format: ToolFormat, written: string, inputSchema: Record<string, unknown> = anything): Promise<unknown> {
  const tools = [{ name: 'f', description: '', inputSchema }]
  const whole = format.renderCalls([{ name: 'f', input: {} }]).replace(/[({]/, (bracket) => bracket + written)
  const { opening, block } = format.grammar!(tools, 'required').findLast((grammar) => whole.startsWith(grammar.opening))!
  const match = await service.match(block, { isLast: false })
  const fits = match.acceptText(whole.slice(opening.length)) && match.isOver
  match.dispose()
  if (!fits) return 'refused'
  const parser = createToolCallParser(format, { tools })
  const events = [...parser.push(whole), ...parser.finish({ finishReason: 'stop' })]
  const [call, ...others] = events.flatMap((event) => (event.type === 'tool-call' ? [event.input] : event.type === 'tool-error' ? [event.message] : []))
  return others.length > 0 ? others : call
}

describe.each([['pythonic', pythonic], ['lfm2', lfm2]] as const)('%s', (_, format) => {
  it.each([
    [`text="it's \\"so\\", \\\\ \\n \\u00e9"`, { text: 'it\'s "so", \\ \n é' }],
    [`text='\\'so\\' "x" \\\\'`, { text: '\'so\' "x" \\' }],
    [`text='', short=""`, { text: '', short: '' }],
    [`short='abc'`, { short: 'abc' }],
    [`code="a'b"`, { code: "a'b" }],
    [`code='a\\'b'`, 'refused'],
    [`code="ab<"`, { code: 'ab<' }],
    [`kind='rock\\'n\\'roll'`, format === lfm2 ? 'refused' : { kind: "rock'n'roll" }],
    [`kind="rock'n'roll"`, { kind: "rock'n'roll" }],
    [`kind='a"b', any=None`, { kind: 'a"b', any: null }],
    [`kind='c\\\\d'`, { kind: 'c\\d' }],
    [`kind={'k': ["v"]}`, 'refused'],
    [`kind={'k': ['v']}`, { kind: { k: ['v'] } }],
    [`kind=True, any=[False, None, -1.5, {"x": {}}]`, { kind: true, any: [false, null, -1.5, { x: {} }] }],
    [`any=1, **{"a b": 'x'}, map={'y': 2}`, 'refused'],
    [`any=1, map={'y': 2, "z": 3}, **{"a b": 'x'}`, { any: 1, map: { y: 2, z: 3 }, 'a b': 'x' }],
    [`**{'a b': "x"}`, { 'a b': 'x' }],
    [`**{}`, 'refused'],
    [`text="\\/"`, 'refused'],
    [`text='''`, 'refused'],
    [`text='''a'''`, 'refused'],
    [`text="a" any=1`, 'refused'],
    [`text="a", text="b"`, 'refused'],
    [`kind=true`, 'refused'],
  ])('%s', async (written, expected) => {
    expect(await read(format, written)).toEqual(expected)
  })

  it('has arguments that no schema names, where it may', async () => {
    expect(await read(format, 'x=1, y_2=2', { type: 'object', additionalProperties: { type: 'integer' } })).toEqual({ x: 1, y_2: 2 })
  })
})

it.each([
  [`text='it's O'Brien's, l'été'`, { text: "it's O'Brien's, l'été" }],
  [`text='one\n\ttwo'`, { text: 'one\n\ttwo' }],
  [`kind='rock'n'roll'`, { kind: "rock'n'roll" }],
  [`text='the dogs''`, 'refused'],
  [`text=''tis'`, 'refused'],
  [`text='a''b'`, 'refused'],
])('lfm2 leaves single quotes unescaped: %s', async (written, expected) => {
  expect(await read(lfm2, written)).toEqual(expected)
  expect(await read(pythonic, written)).toEqual('refused')
})

describe.each([['functiongemma', functiongemma, '<escape>'], ['gemma4', gemma4, '<|"|>']] as const)('%s', (_, format, quote) => {
  const q = (text: string) => quote + text + quote
  it.each([
    [`text:${q('it\'s "so" \\n {y}, [z]: <b>\n')}`, { text: 'it\'s "so" \\n {y}, [z]: <b>\n' }],
    [`text:${q(quote.slice(0, -1))}`, { text: quote.slice(0, -1) }],
    [`text:${q(`${quote.slice(0, -1)}<${quote.slice(1, -1)} ${quote.slice(1)}`)}`, { text: `${quote.slice(0, -1)}<${quote.slice(1, -1)} ${quote.slice(1)}` }],
    [`text:${q('<<<')}`, { text: '<<<' }],
    [`text:${q(`a${quote}b`)}`, 'refused'],
    [`text:${q('<end_function_call><tool_call|>')}`, { text: '<end_function_call><tool_call|>' }],
    [`text:${q('')},short:${q('abc')}`, { text: '', short: 'abc' }],
    [`short:${q('abcd')}`, 'refused'],
    [`code:${q("a'b")}`, { code: "a'b" }],
    [`kind:${q("rock'n'roll")}`, { kind: "rock'n'roll" }],
    [`kind:${q('<x')}`, { kind: '<x' }],
    [`kind:{k:[${q('v')}]}`, { kind: { k: ['v'] } }],
    [`kind:true,any:[false,null,-1.5,{x:{}}],a b:${q('y')},map:{z-1:2}`, { kind: true, any: [false, null, -1.5, { x: {} }], 'a b': 'y', map: { 'z-1': 2 } }],
    ['text:a', 'refused'],
    ['text:"a"', 'refused'],
    ['any:True', 'refused'],
    ['any:1, map:{}', 'refused'],
  ])('%s', async (written, expected) => {
    expect(await read(format, written)).toEqual(expected)
  })

  it('quotes a key that cannot stand bare', async () => {
    const schema = { type: 'object', properties: { 'a:b': string, ' c': string }, required: ['a:b', ' c'] }
    expect(await read(format, `${q('a:b')}:${q('x')},${q(' c')}:${q('y')}`, schema)).toEqual({ 'a:b': 'x', ' c': 'y' })
  })

  it('leaves out what it cannot write', async () => {
    const schema = { type: 'object', properties: { a: { enum: [`x${quote}`, 'y'] } } }
    expect([await read(format, `a:${q('y')}`, schema), await read(format, `a:${q(`x${quote}`)}`, schema)]).toEqual([{ a: 'y' }, 'refused'])
  })
})
