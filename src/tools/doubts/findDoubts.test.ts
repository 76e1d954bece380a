import { describe, expect, it } from 'vitest'
import { findDoubts } from './index.js'
import type { DoubtContext } from './index.js'

const lamp = {
  toolName: 'set_lamp',
  description: 'Sets a lamp.',
  inputSchema: {
    type: 'object',
    properties: {
      room: { type: 'string', enum: ['kitchen', 'bedroom', 'living_room'] },
      brightness: { type: 'integer', minimum: 0, maximum: 100, description: 'percent' },
      mood: { type: 'string', enum: ['warm', 'cold'] },
      label: { type: 'string' },
      on: { type: 'boolean' },
    },
    required: ['room'],
  },
}

/** Findings as `kind path`. */
function doubts(input: unknown, say: string | string[], changes: Partial<DoubtContext> = {}): string[] {
  const userTexts = typeof say === 'string' ? [say] : say
  return findDoubts({ ...lamp, input, userTexts, ...changes }).map(({ kind, path }) => `${kind} ${path}`)
}

/** Findings about one argument of a given schema. */
function about(value: unknown, say: string | string[], schema: Record<string, unknown> = {}, name = 'value', contextTexts: string[] = []): string[] {
  const inputSchema = { type: 'object', properties: { [name]: schema } }
  return doubts({ [name]: value }, say, { toolName: 'note', description: 'Notes.', inputSchema, contextTexts })
}

describe('numbers', () => {
  it.each([
    [20, 'set it to 20'],
    [25, 'twenty-five please'],
    [250, 'two hundred and fifty'],
    [1984, 'nineteen eighty-four'],
    [3400, 'three thousand four hundred'],
    [350, 'three fifty'],
    [105, 'one oh five'],
    [2.5, 'two and a half'],
    [0.75, 'three quarters'],
    [4.2, 'four point two'],
    [50_000, '50 000 sheets'],
    [1500, '1,500 steps'],
    [1.5, 'one and a half'],
    [10_000, '10k steps'],
    [12, 'a dozen eggs'],
    [24, 'two dozen'],
    [6, 'half a dozen'],
    [50, 'half way open'],
    [33, 'one of the thirds'],
    [2, 'do it twice'],
    [2, 'both of us'],
    [15, 'the fifteenth track'],
    [21, 'the 21st'],
    [-3, 'minus three'],
    [90, 'an hour and a half'],
    [140, 'two hours twenty'],
    [45, 'three quarters of an hour'],
    [48, 'the next two days'],
    [14, 'for two weeks'],
    [168, 'a week'],
    [7200, 'two hours'],
    [1500, 'a kilo and a half'],
    [0.2, '20 percent'],
    [320, 'three euros twenty'],
    [15, 'at 3 pm'],
    [12, 'at noon'],
    [0, 'at midnight'],
    [1900, 'nineteen hundred'],
    [11, 'in November'],
  ])('%d is traced to "%s"', (value, say) => {
    expect(about(value, say)).toEqual([])
  })

  it.each([
    [21, 'set it to 20'],
    [5, 'a bit warmer'],
    [100, 'a sample please'],
    [60, 'give me two'],
    [1900, 'nineteen'],
    [7, 'the fifteenth track'],
  ])('%d is not traced to "%s"', (value, say) => {
    expect(about(value, say)).toEqual(['ungrounded /value'])
  })

  it('are counted on from what was said before', () => {
    expect(about(60, ['set it to 80', 'twenty less'])).toEqual([])
    expect(about(160, ['set it to 80', 'double that'])).toEqual([])
    expect(about(65, ['set it to 80', 'again please'])).toEqual(['ungrounded /value'])
  })

  it('are the ends of their range by words for them', () => {
    const range = { minimum: 10, maximum: 80 }
    expect(about(80, 'all the way up, full power', range)).toEqual([])
    expect(about(10, 'as low as it goes, the minimum', range)).toEqual([])
    expect(about(40, 'all the way up, full power', range)).toEqual(['ungrounded /value'])
    expect(about(0, 'shut the blinds', { minimum: 0, maximum: 100 })).toEqual([])
  })

  it('come from tool results too', () => {
    expect(about(4711, 'what about that order', {}, 'order', ['{"order":4711}'])).toEqual([])
  })

  it('in words of another language are not judged, in digits they are', () => {
    expect(about(20, 'stell die Heizung bitte auf zwanzig Grad')).toEqual([])
    expect(about(4500, 'stell die Pumpe auf 3000 und nicht mehr')).toEqual(['ungrounded /value'])
  })
})

describe('texts', () => {
  it.each([
    ['Zoë Müller', 'call zoe muller'],
    ['living room', 'in the living-room'],
    ['Pay the bills', 'remind me about paying the bill'],
    ['bracket_v3.stl', 'run off bracket v3.stl'],
    ['gate 7', 'gate seven'],
    ['chessboard', 'a chess board'],
    ['Przemek', 'ask Przemk'],
    ['de', 'say it in German'],
    ['NO', 'parcels to Norway'],
    ['EUR', 'how many euros'],
    ['OSL', 'a flight from Oslo'],
    ['2026-12-24', 'on 24 December'],
    ['2026-05-18', 'next Monday'],
    ['2026-06-01', 'in two weeks'],
    ['2026-05-18', 'on 18/5'],
    ['07:30', 'half past seven'],
    ['06:45', 'quarter to seven'],
    ['19:00', 'at seven tonight'],
    ['12:00', 'at noon'],
    ['09:10', 'at ten past nine'],
  ])('%s is traced to "%s"', (value, say) => {
    expect(about(value, say)).toEqual([])
  })

  it.each([
    ['Anna', 'call my sister'],
    ['Anna Smith', 'call Anna'],
    ['Oslo', 'what is the weather like'],
    ['JP', 'parcels to Norway'],
    ['2026-11-24', 'on 24 December'],
    ['2026-12-25', 'on 24 December'],
    ['08:15', 'wake me at seven'],
    ['buy oat milk', 'note what I need'],
  ])('%s is not traced to "%s"', (value, say) => {
    expect(about(value, say)).toEqual(['ungrounded /value'])
  })

  it('are put together of several turns and of results', () => {
    expect(about('Anna Smith', ['write to Anna', 'Smith, I mean'])).toEqual([])
    expect(about('A9775', 'put its bags on belt 1', {}, 'flight', ['{"flight":"A9775"}'])).toEqual([])
  })

  it('are found at their place in lists and objects', () => {
    const inputSchema = { type: 'object', properties: { guests: { type: 'array', items: { $ref: '#/$defs/guest' } } }, $defs: { guest: { type: 'object', properties: { 'first/name': { type: 'string' } } } } }
    const input = { guests: [{ 'first/name': 'Ada' }, { 'first/name': 'Grace' }] }
    expect(doubts(input, 'invite Ada', { inputSchema, toolName: 'invite', description: 'Invites.' })).toEqual(['ungrounded /guests/1/first~1name'])
  })
})

describe('closed lists', () => {
  it('may be meant by a word that is not theirs', () => {
    expect(doubts({ room: 'kitchen', mood: 'warm' }, 'make the kitchen cosy')).toEqual([])
  })

  it('are doubtful where another value is named', () => {
    expect(doubts({ room: 'bedroom' }, 'light in the kitchen')).toEqual(['ungrounded /room'])
    expect(doubts({ room: 'bedroom' }, 'not in the kitchen, the room I sleep in')).toEqual([])
    expect(doubts({ room: 'living_room' }, 'the living room lamp')).toEqual([])
  })
})

describe('by rule', () => {
  it('booleans, null, empty texts, constants and defaults are not judged', () => {
    const inputSchema = {
      type: 'object',
      properties: { a: { default: 7 }, b: { description: 'How many. Default: 30' }, c: { const: 'v1' }, d: { anyOf: [{ type: 'string', default: 'x9' }, { type: 'null' }] }, e: {}, f: {}, g: {} },
    }
    expect(doubts({ a: 7, b: 30, c: 'v1', d: 'x9', e: true, f: null, g: '' }, 'go ahead', { inputSchema })).toEqual([])
    expect(doubts({ a: 8 }, 'go ahead', { inputSchema })).toEqual(['ungrounded /a'])
  })

  it('a schema that refers to itself is no trap', () => {
    const inputSchema = { $ref: '#', type: 'object', properties: { next: { $ref: '#' }, name: { type: 'string' } } }
    expect(doubts({ next: { next: { name: 'Eve' } } }, 'hello', { inputSchema })).toEqual(['ungrounded /next/next/name'])
  })
})

describe('numbers beyond the schema', () => {
  it.each(['kitchen to 150 percent', 'a hundred and fifty in the kitchen', 'kitchen at minus ten'])('are found when bent: "%s"', (say) => {
    const bent = say.includes('minus') ? 0 : 100
    expect(doubts({ room: 'kitchen', brightness: bent }, say)).toEqual(['out-of-range /brightness'])
  })

  it('are found in another unit', () => {
    const minutes = { type: 'integer', minimum: 1, maximum: 60, description: 'minutes' }
    expect(about(60, 'for three hours', minutes)).toEqual(['out-of-range /value'])
    expect(about(3, 'for three hours', minutes)).toEqual(['out-of-range /value'])
    expect(about(60, 'for one hour', minutes)).toEqual([])
    expect(about(30, 'in 3 hours, for 30 minutes', minutes)).toEqual([])
  })

  it('are not what another argument holds, and no reason where the value itself was said', () => {
    const properties = { job: { type: 'integer' }, copies: { type: 'integer', minimum: 1, maximum: 10 } }
    const inputSchema = { type: 'object', properties }
    expect(doubts({ job: 482, copies: 3 }, 'job 482, three copies', { inputSchema })).toEqual([])
    expect(doubts({ copies: 3 }, 'three copies of 2025', { inputSchema })).toEqual([])
  })
})

describe('negation', () => {
  const on = { room: 'kitchen', on: true }
  it.each([
    "don't touch the kitchen lamp",
    'dont set the lamp in the kitchen yet, Tom is asleep',
    'please do not set the kitchen lamp',
    'kitchen lamp on... no, never mind',
    'set the kitchen lamp, actually forget it',
    'I was going to ask for the kitchen lamp, but never mind',
    'leave the kitchen lamp as it is',
    'no need for the lamp in the kitchen',
    'I changed my mind',
    'no lamp in the kitchen tonight',
    'not yet with the kitchen lamp',
    'I almost set the kitchen lamp, but the sun is out',
  ])('is found: "%s"', (say) => {
    expect(doubts(on, say)).toEqual(['negated '])
  })

  it.each([
    'kitchen lamp on please',
    "don't forget the kitchen lamp",
    'never mind the bedroom, set the kitchen lamp',
    "I don't see a thing, kitchen lamp on",
    'not the bedroom lamp, the kitchen one',
    'bitte keine Umstände, aber mach die Lampe in der Küche an',
    'no problem, set the kitchen lamp',
  ])('is not found: "%s"', (say) => {
    expect(doubts(on, say)).toEqual([])
  })

  it('of one tool leaves another', () => {
    const say = "don't stop the music, set the kitchen lamp"
    const stop = { toolName: 'stop_music', description: 'Stops the music.', inputSchema: { type: 'object', properties: {} } }
    expect(doubts(on, say)).toEqual([])
    expect(doubts({}, say, stop)).toEqual(['negated '])
  })

  it('is a wish to a tool that ends or avoids things', () => {
    const schema = { type: 'object', properties: { roads: { type: 'string', enum: ['tolls', 'ferries'] } } }
    expect(doubts({ roads: 'ferries' }, 'no ferries please', { toolName: 'avoid_roads', description: 'Avoids.', inputSchema: schema })).toEqual([])
    expect(doubts({}, 'I do not need the alarm any more', { toolName: 'delete_alarm', description: 'Deletes.', inputSchema: {} })).toEqual([])
    expect(doubts({}, "don't delete the alarm", { toolName: 'delete_alarm', description: 'Deletes.', inputSchema: {} })).toEqual(['negated '])
  })

  it('inside a text that the call carries is no negation of the call', () => {
    const schema = { type: 'object', properties: { text: { type: 'string' } } }
    const say = 'write to Amy: do not open the door'
    expect(doubts({ text: 'do not open the door' }, say, { toolName: 'send_text', description: 'Sends.', inputSchema: schema })).toEqual([])
  })

  it('counts in the last message alone', () => {
    expect(doubts(on, ["don't touch the kitchen lamp", 'now set the kitchen lamp'])).toEqual([])
  })
})

describe('long conversations', () => {
  it('are searched in a moment', () => {
    const rows = Array.from({ length: 8000 }, (_, i) => ({ id: i * 7, name: `row ${i}`, price: i / 3 }))
    const pasted = 'leave the word where it was and keep on as before '.repeat(4000)
    const start = performance.now()
    doubts({ room: 'kitchen', brightness: 61, label: 'something else entirely' }, ['first', `${pasted} ten more`], { contextTexts: [JSON.stringify(rows)] })
    expect(performance.now() - start).toBeLessThan(5000)
  })

  it('may be empty', () => {
    expect(doubts({ room: 'kitchen', brightness: 61 }, [])).toEqual(['ungrounded /brightness'])
  })
})
