import { choice, literal, nothing, repeat, sequence } from './RuleBook.js'

/** Thrown inside for what has no counterpart in EBNF. */
class Untranslatable extends Error {}

/** How a text spells its characters. */
export interface Spelling {
  /** One character of the text, as an expression. */
  anyCharacter: string
  /** Code points that no class of characters lets pass, beside controls. A matching text may do without most of them. */
  unspeakable: readonly [from: number, to: number][]
  /** A character as the text spells it; undefined where it cannot. */
  spell(character: string): string | undefined
}

/**
 * A text that matches a regular expression, or undefined where the expression uses what EBNF
 * cannot say: lookaround, back references, anchors in the middle, Unicode classes.
 */
export function patternGrammar(pattern: string, spelling: Spelling): string | undefined {
  try {
    return new PatternReader(pattern, spelling).read()
  } catch (error) {
    if (error instanceof Untranslatable) return undefined
    throw error
  }
}

interface CharacterSet {
  /** Ranges of code points, ends included. */
  ranges: [number, number][]
  negated: boolean
}

const word: [number, number][] = [[0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]]
const LAST_CODE = 0x10ffff
/** So many characters are few. */
const FEW = 64
/** All characters. Surrogates are none. */
const everything: [number, number][] = [[0, 0xd7ff], [0xe000, LAST_CODE]]

const blank: [number, number][] = [
  [0x09, 0x0d], [0x20, 0x20], [0xa0, 0xa0], [0x1680, 0x1680], [0x2000, 0x200a], [0x2028, 0x2029], [0x202f, 0x202f], [0x205f, 0x205f], [0x3000, 0x3000], [0xfeff, 0xfeff],
]
const shorthands: Readonly<Record<string, CharacterSet>> = {
  d: { ranges: [[0x30, 0x39]], negated: false },
  D: { ranges: [[0x30, 0x39]], negated: true },
  w: { ranges: word, negated: false },
  W: { ranges: word, negated: true },
  s: { ranges: blank, negated: false },
  S: { ranges: blank, negated: true },
}

const controls: readonly [number, number][] = [[0x00, 0x1f], [0x7f, 0x7f]]

class PatternReader {
  readonly #source: string
  readonly #spelling: Spelling
  #at = 0

  constructor(source: string, spelling: Spelling) {
    this.#source = source
    this.#spelling = spelling
  }

  read(): string {
    const whole = this.#alternatives(true)
    if (this.#at < this.#source.length) throw new Untranslatable()
    return whole
  }

  /** At the top, each alternative stands anywhere in the text but for its own anchors. */
  #alternatives(isTop: boolean): string {
    const options = [this.#sequence(isTop)]
    while (this.#take('|')) options.push(this.#sequence(isTop))
    return choice(options)
  }

  #sequence(isTop: boolean): string {
    const parts: string[] = []
    const anything = repeat(this.#spelling.anyCharacter, 0, undefined)
    if (isTop && !this.#take('^')) parts.push(anything)
    let isOpen = isTop
    while (this.#at < this.#source.length && !'|)'.includes(this.#peek())) {
      if (isTop && this.#peek() === '$' && '|'.includes(this.#source[this.#at + 1] ?? '|')) {
        this.#at++
        isOpen = false
      } else parts.push(this.#quantified())
    }
    if (isOpen) parts.push(anything)
    return sequence(parts)
  }

  #quantified(): string {
    const atom = this.#atom()
    const quantifier = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/.exec(this.#source.slice(this.#at))
    if (!quantifier) return atom
    this.#at += quantifier[0].length
    // Lazy matching changes where a match ends, not whether there is one.
    this.#take('?')
    if (quantifier[0] === '*') return repeat(atom, 0, undefined)
    if (quantifier[0] === '+') return repeat(atom, 1, undefined)
    if (quantifier[0] === '?') return repeat(atom, 0, 1)
    const min = Number(quantifier[1])
    return repeat(atom, min, quantifier[2] === undefined ? min : quantifier[3] ? Number(quantifier[3]) : undefined)
  }

  #atom(): string {
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0)
    this.#at += character.length
    if (character === '(') return this.#group()
    if (character === '[') return this.#set(this.#readClass())
    if (character === '.') return this.#set({ ranges: [[0x2028, 0x2029]], negated: true })
    if (character === '\\') {
      const escaped = this.#escape()
      return typeof escaped === 'number' ? this.#character(escaped) : this.#set(escaped)
    }
    if ('^$*+?{}'.includes(character)) throw new Untranslatable()
    return this.#character(character.codePointAt(0) ?? 0)
  }

  #group(): string {
    if (this.#take('?') && !this.#take(':')) throw new Untranslatable()
    const inner = this.#alternatives(false)
    if (!this.#take(')')) throw new Untranslatable()
    return inner === nothing ? nothing : `(${inner})`
  }

  #escape(): number | CharacterSet {
    const letter = this.#source[this.#at++] ?? ''
    const shorthand = shorthands[letter]
    if (shorthand) return shorthand
    if (letter === 'n') return 0x0a
    if (letter === 't') return 0x09
    if (letter === 'r') return 0x0d
    const code = letter === 'x' ? /^[0-9a-fA-F]{2}/ : letter === 'u' ? /^[0-9a-fA-F]{4}/ : undefined
    if (code) {
      const digits = code.exec(this.#source.slice(this.#at))?.[0]
      if (digits === undefined) throw new Untranslatable()
      this.#at += digits.length
      return Number.parseInt(digits, 16)
    }
    if (/[A-Za-z0-9]/.test(letter) || letter === '') throw new Untranslatable()
    return letter.charCodeAt(0)
  }

  #readClass(): CharacterSet {
    const negated = this.#take('^')
    const ranges: [number, number][] = []
    while (!this.#take(']')) {
      const from = this.#classMember()
      if (typeof from !== 'number') {
        ranges.push(...(from.negated ? complement(from.ranges) : from.ranges))
        continue
      }
      const isRange = this.#peek() === '-' && this.#source[this.#at + 1] !== ']'
      if (isRange) this.#at++
      const to = isRange ? this.#classMember() : from
      if (typeof to !== 'number' || to < from) throw new Untranslatable()
      ranges.push([from, to])
    }
    return { ranges, negated }
  }

  #classMember(): number | CharacterSet {
    if (this.#at >= this.#source.length) throw new Untranslatable()
    const code = this.#source.codePointAt(this.#at) ?? 0
    this.#at += code > 0xffff ? 2 : 1
    return code === 0x5c ? this.#escape() : code
  }

  /**
   * xgrammar's classes hold ASCII only; what they leave out, by `^`, may be anything. So other
   * characters are written as alternatives where they are few, or let pass where few are missing.
   */
  #set({ ranges, negated }: CharacterSet): string {
    const unspeakable = [...controls, ...this.#spelling.unspeakable]
    const holes = negated ? [...ranges, ...unspeakable] : unspeakable
    const spoken = holes.reduce((left, hole) => left.flatMap((part) => without(part, hole)), negated ? everything : ranges)
    const ascii = spoken.flatMap((part) => within(part, [0, 0x7f]))
    const others = spoken.flatMap((part) => within(part, [0x80, 0x10ffff]))
    const count = others.reduce((sum, [from, to]) => sum + to - from + 1, 0)
    if (count > LAST_CODE - 0x80 - 0x800 - FEW) {
      const missing = ascii.reduce((left, hole) => left.flatMap((part) => without(part, hole)), [[0, 0x7f]] as [number, number][])
      return `[^${missing.map(range).join('')}]`
    }
    if (count > FEW || spoken.length === 0) throw new Untranslatable()
    const literals = others.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => literal(String.fromCodePoint(from + i))))
    return choice([...(ascii.length > 0 ? [`[${ascii.map(range).join('')}]`] : []), ...literals])
  }

  #character(code: number): string {
    const spelled = this.#spelling.spell(String.fromCodePoint(code))
    if (spelled === undefined) throw new Untranslatable()
    return literal(spelled)
  }

  #peek(): string {
    return this.#source[this.#at] ?? ''
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false
    this.#at++
    return true
  }
}

/** Everything else. */
function complement(ranges: readonly [number, number][]): [number, number][] {
  return ranges.reduce((left, hole) => left.flatMap((part) => without(part, hole)), everything)
}

function within([from, to]: [number, number], [low, high]: [number, number]): [number, number][] {
  return from <= high && to >= low ? [[Math.max(from, low), Math.min(to, high)]] : []
}

function without([from, to]: [number, number], [holeFrom, holeTo]: [number, number]): [number, number][] {
  const left: [number, number][] = []
  if (from < holeFrom) left.push([from, Math.min(to, holeFrom - 1)])
  if (to > holeTo) left.push([Math.max(from, holeTo + 1), to])
  return left
}

function range([from, to]: [number, number]): string {
  return from === to ? classCharacter(from) : `${classCharacter(from)}-${classCharacter(to)}`
}

function classCharacter(code: number): string {
  if (code < 0x20 || code === 0x7f) return `\\u${code.toString(16).padStart(4, '0')}`
  const character = String.fromCodePoint(code)
  return '\\]^-'.includes(character) ? `\\${character}` : character
}
