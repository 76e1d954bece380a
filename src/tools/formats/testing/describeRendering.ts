import { describe, expect, it } from 'vitest'
import type { ToolSpec } from '../../types.js'
import { seededRandom } from './cuts.js'
import { formatOf, parseOutput } from './parseOutput.js'
import type { Dialect, WrittenCall } from './types.js'

const specs: ToolSpec[] = [
  { name: 'one', description: 'The first', inputSchema: { type: 'object', properties: { a: { type: 'string' } } } },
  { name: 'two', description: 'The second', inputSchema: { type: 'object', properties: { bee: { type: 'integer' } } } },
]

/** What every format's rendering keeps to: its own parser reads it back, and a forced opening is how it begins. */
export function describeRendering(dialect: Dialect): void {
  const format = formatOf(dialect)

  describe(`${format.name}: rendering`, () => {
    it('is read back: 1000 random sets of calls', () => {
      const values = new RandomValues(dialect)
      for (let i = 0; i < 1000; i++) {
        const calls = values.calls()
        const rendered = format.renderCalls(calls)
        const events = parseOutput(format, i % 2 === 0 ? [rendered] : rendered.split(''))
        const read = events.flatMap((event) => (event.type === 'tool-call' ? [{ name: event.name, input: event.input }] : []))
        expect(read, rendered).toEqual(calls)
        expect(events.filter(({ type }) => type === 'tool-error')).toEqual([])
        const text = events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
        expect(text.trim()).toBe('')
      }
    })

    it('lists every tool in the system message, behind the app\'s own', () => {
      const prompt = format.systemPrompt(specs, 'Be brief.')
      expect(prompt).toContain('Be brief.')
      for (const word of ['one', 'The first', 'two', 'The second', 'bee']) expect(prompt).toContain(word)
      expect(format.systemPrompt(specs)).not.toContain('undefined')
    })

    it('adds nothing to the system message without tools', () => {
      expect(format.systemPrompt([], 'Be brief.')).toBe('Be brief.')
      expect(format.systemPrompt([])).toBe('')
    })

    it('keeps the results of a step in order and to the letter', () => {
      const results = [
        { toolCallId: 'a', name: 'one', content: '{"ok":true}' },
        { toolCallId: 'b', name: 'two', content: '"<b> & \\u00e9"' },
      ]
      const text = format.renderResults(results).map(({ content }) => content).join('\n')
      const [first, second] = dialect.results ?? ['{"ok":true}', '"<b> & \\u00e9"']
      expect(text.indexOf(first)).toBeGreaterThanOrEqual(0)
      expect(text.indexOf(second)).toBeGreaterThan(text.indexOf(first))
    })

    it('forces a call by an opening that its own rendering begins with, and that its parser reads', () => {
      const call = { name: 'set_color', input: { color: 'red' } }
      const rendered = format.renderCalls([call])
      const any = format.forcedOpening('required') ?? 'none'
      const one = format.forcedOpening({ name: 'set_color' }) ?? 'none'
      expect(rendered.startsWith(any)).toBe(true)
      expect(rendered.startsWith(one)).toBe(true)
      expect(one.length).toBeGreaterThan(any.length)
      expect(format.forcedOpening('auto')).toBeUndefined()
      expect(format.forcedOpening('none')).toBeUndefined()
      for (const opening of [any, one]) {
        const events = parseOutput(format, [opening, rendered.slice(opening.length)])
        expect(events.at(-1)).toMatchObject({ type: 'tool-call', ...call })
      }
    })
  })
}

const words = ['', 'a', '"', '\'', '\\', '\\u0041', '</tool_call>', '<tool_call>', '[{', '}]', '<think>', '\n', '\u2028', 'é', '😀', '\ud83d', ': ,', ';', 'name', 'arguments', '5', 'true', 'null']

/** Calls of the test tools with arguments at random, of their types. */
class RandomValues {
  readonly #dialect: Dialect
  readonly #random = seededRandom(7)

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  calls(): WrittenCall[] {
    return Array.from({ length: 1 + this.#below(3) }, () => {
      const isFree = this.#dialect.needsTypes !== true && this.#below(2) === 0
      return isFree ? { name: 'any', input: this.#object(3) } : { name: 'all', input: this.#typed() }
    })
  }

  #typed(): Record<string, unknown> {
    const all = {
      text: this.#text(),
      count: this.#below(1000) - 500,
      ratio: (this.#below(1000) - 500) / 7e8,
      on: this.#below(2) === 0,
      none: null,
      list: this.#list(2),
      nested: this.#object(2),
    }
    return Object.fromEntries(Object.entries(all).filter(() => this.#below(2) === 0))
  }

  #value(depth: number): unknown {
    const kind = this.#below(depth > 0 ? 7 : 5)
    if (kind === 0) return this.#text()
    if (kind === 1) return this.#below(1000) - 500
    if (kind === 2) return (this.#below(1000) - 500) / 7e8
    if (kind === 3) return this.#below(2) === 0
    if (kind === 4) return null
    return kind === 5 ? this.#list(depth - 1) : this.#object(depth - 1)
  }

  #list(depth: number): unknown[] {
    return Array.from({ length: this.#below(4) }, () => this.#value(depth))
  }

  #object(depth: number): Record<string, unknown> {
    return Object.fromEntries(Array.from({ length: this.#below(4) }, () => [this.#key(), this.#value(depth)]))
  }

  #key(): string {
    const key = this.#text()
    return this.#dialect.canWriteKey?.(key) === false ? 'plain' : key
  }

  #text(): string {
    const text = Array.from({ length: this.#below(4) }, () => words[this.#below(words.length)]).join('')
    return this.#dialect.canWrite?.(text) === false ? 'plain' : text
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }
}
