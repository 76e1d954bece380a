import { describe, expect, it } from 'vitest'
import type { ToolCallParserEvent } from '../../parser/types.js'
import { commonOutputs } from './commonOutputs.js'
import { damage, randomPieces, seededRandom, tokenPieces } from './cuts.js'
import { describeRendering } from './describeRendering.js'
import { formatOf, joinEvents, parseOutput, summarize, visibleText } from './parseOutput.js'
import { testTools } from './testTools.js'
import type { Dialect, ExpectedContent, OutputCase } from './types.js'

/**
 * The tests that every format passes: its own outputs and the common ones read as meant and the same
 * however they are cut, and, for outputs cut off anywhere or damaged at random, nothing invented or lost.
 */
export function describeFormat(dialect: Dialect, ownOutputs: Record<string, OutputCase>): void {
  const format = formatOf(dialect)
  const { name, opening, closing } = format
  describeRendering(dialect)

  describe.each([...Object.entries(commonOutputs(dialect)), ...Object.entries(ownOutputs)])(`${name}: %s`, (_case, outputCase) => {
    const { output, expected, reason, options } = outputCase
    const whole = parseOutput(format, [output], reason, options)

    it('is read as meant', () => {
      expectSummary(summarize(whole), expected)
    })

    it('is read the same token by token, character by character and in 50 random cuts', () => {
      for (const pieces of allCuts(output, 50)) {
        expect(joinEvents(parseOutput(format, pieces, reason, options)), JSON.stringify(pieces)).toEqual(joinEvents(whole))
      }
    })

    it('reports each call in order: start, pieces of its arguments, end', () => {
      expectOrder(whole)
    })
  })

  describe(`${name}: an output cut off by the limit`, () => {
    const text = 'Red, then blue. '
    const input = { text: 'a "b"\n{c}', count: -12, list: [1, { d: null }], on: true }
    const calls = [{ name: 'set_color', input: { color: 'red' } }, { name: 'all', input }]
    const output = text + dialect.write(calls)

    it('at any character: what was complete stands, what was not is one error, and no more text is shown', () => {
      for (let length = 0; length <= output.length; length++) {
        const cut = output.slice(0, length)
        const events = parseOutput(format, [cut], 'length')
        const read = events.flatMap((event) => (event.type === 'tool-call' ? [{ name: event.name, input: event.input }] : []))
        const errors = events.filter((event) => event.type === 'tool-error')
        expect(read, cut).toEqual(calls.slice(0, read.length))
        expect(errors.length, cut).toBeLessThanOrEqual(1)
        // A single character at the end may be the beginning of a marker, but is mostly text.
        expect(visibleText(events).slice(0, -1).trim(), cut).toBe(text.slice(0, cut.length).slice(0, visibleText(events).length - 1).trim())
        if (length > text.length + 1 && read.length === 0) expect(errors, cut).toHaveLength(1)
        for (const error of errors) expect(cut.endsWith(error.raw) || cut.includes(stripMarkers(error.raw)), error.raw).toBe(true)
        expectOrder(events)
      }
    })
  })

  it(`${name}: 300 damaged outputs are read the same however they are cut, and no character comes from nowhere`, () => {
    const next = seededRandom(5)
    const insertions = [...opening, ...closing, ...(dialect.markup ?? []), '"', "'", '\\', '{', '}', '[', ']', ',', ':', '<', '>', '\n', ' ', '😀', 'x', '<think>', '</think>']
    const output = `Ok. ${dialect.write([
      { name: 'set_color', input: { color: 'red', fade: 0.5 } },
      { name: 'write', input: { text: 'a {b} [c] <d> é' } },
    ])}\nDone: {"a": 1}.`
    for (let i = 0; i < 300; i++) {
      const damaged = damage(output, insertions, next)
      const reason = i % 3 === 0 ? 'length' : 'stop'
      const whole = parseOutput(format, [damaged], reason)
      for (const pieces of allCuts(damaged, 4)) {
        expect(joinEvents(parseOutput(format, pieces, reason)), JSON.stringify(pieces)).toEqual(joinEvents(whole))
      }
      expectOrder(whole)
      expectFromOutput(whole, damaged)
    }
  })

  function stripMarkers(raw: string): string {
    const first = opening.find((marker) => raw.startsWith(marker)) ?? ''
    const last = closing.find((marker) => raw.endsWith(marker)) ?? ''
    return raw.slice(first.length, Math.max(first.length, raw.length - last.length))
  }

  /** Every character shown or refused was written, in this order; a call's name is a tool's. */
  function expectFromOutput(events: readonly ToolCallParserEvent[], output: string): void {
    let at = 0
    for (const character of visibleText(events)) {
      at = output.indexOf(character, at) + character.length
      expect(at, output).toBeGreaterThanOrEqual(character.length)
    }
    for (const event of events) {
      if (event.type === 'tool-error') expect(output).toContain(stripMarkers(event.raw))
      if (event.type === 'tool-call') expect(testTools.map(({ name }) => name)).toContain(event.name)
    }
    const isText = events.every(({ type }) => type === 'text-delta' || type === 'reasoning-delta')
    const { reasoning } = format
    const markers = [...opening, ...closing, ...(reasoning?.opening ?? []), ...(reasoning?.closing ?? []), '<think>', '</think>']
    const hasMarker = markers.some((marker) => output.includes(marker))
    if (isText && !hasMarker && dialect.thinking === undefined) expect(visibleText(events)).toBe(output)
  }
}

function allCuts(output: string, random: number): string[][] {
  const next = seededRandom(output.length)
  const cuts = Array.from({ length: random }, () => randomPieces(output, next))
  return [tokenPieces(output), output.split(''), [...output], ...cuts]
}

function expectSummary(actual: unknown[], expected: ExpectedContent[]): void {
  const matchers = expected.map((item) => {
    if (!('error' in item)) return item
    const { error, ...rest } = item
    return expect.objectContaining({ ...rest, error: expect.stringMatching(error) as unknown }) as unknown
  })
  expect(actual).toEqual(matchers)
}

/** A call starts, gives the pieces of its arguments' JSON, and ends; or it is refused. */
function expectOrder(events: readonly ToolCallParserEvent[]): void {
  const open = new Map<string, { name: string; raw: string }>()
  for (const event of events) {
    if (event.type === 'tool-input-start') {
      expect(open.has(event.id)).toBe(false)
      open.set(event.id, { name: event.name, raw: '' })
    } else if (event.type === 'tool-input-delta') {
      const call = open.get(event.id)
      expect(call).toBeDefined()
      if (call) call.raw += event.delta
    } else if (event.type === 'tool-call') {
      const call = open.get(event.id)
      expect(call?.name).toBe(event.name)
      expect(JSON.parse(call?.raw ?? '')).toEqual(event.input)
      open.delete(event.id)
    } else if (event.type === 'tool-error' && event.id !== undefined) {
      expect(open.delete(event.id)).toBe(true)
    }
  }
  expect(open.size).toBe(0)
}
