import { isArticle } from './numberWords.js'
import { saidNumbers, type SaidNumber } from './saidNumbers.js'
import { unitAfter } from './units.js'
import { areRelated, isEnglish, squeeze, wordsOf, type Word } from './words.js'

/** Factors between what people say and what functions count, by the words that call for them. */
const factors: readonly (readonly [factor: number, words: string])[] = [
  [60, 'min mins minute minutes hour hours hr hrs h half quarter quarters sec secs second seconds secnds degree degrees'],
  [3600, 'hour hours hr hrs h'],
  [24, 'day days night nights daily hour hours weekend tomorrow'],
  [1440, 'day days night'],
  [7, 'week weeks weekly fortnight fortnightly'],
  [168, 'week weeks'],
  [30, 'month months monthly'],
  [12, 'year years annual yearly month months dozen octave octaves'],
  [365, 'year years'],
  [52, 'year years week weeks'],
  [10, 'cm mm centimetre centimetres millimetre millimetres centimeter millimeter decade decades'],
  [100, 'percent percentage pct cent cents pence p euro euros dollar dollars pound pounds quid bucks metre metres meter meters m third fifth quarter half'],
  [1000, 'k kilo kilos kg g gram grams km m metre metres meter meters mm litre litres liter liters l ml grand tonne tonnes second seconds sec secs s ms hz khz mhz'],
]

/** Words that change a number said before: `ten more`, `turn it down by five`. */
const changes = new Set(
  'more less further up down another extra plus minus add higher lower additional fewer longer shorter later earlier again increase decrease raise reduce bump drop warmer cooler colder hotter brighter louder quieter faster slower difference anticlockwise counterclockwise next'.split(' '),
)
const multiples = new Set('double doubled twice half halve triple thrice times quarter third'.split(' '))
/** Words for the upper and the lower end of a range. */
const highest = new Set('max maximum maxed full fully highest most top fastest loudest brightest hottest whole all everything complete completely totally limit open opened raise up wide on'.split(' '))
const lowest = new Set(
  'min minimum lowest least bottom off out quietest dimmest slowest coldest mute muted silent silence none nothing zero empty clear no without close closed closing shut shutting down drop lower through straight free never stop flat'.split(' '),
)

/** Among more numbers than these, two that add up to a third are found by chance. */
const MANY = 300

/** What a conversation says, made ready to look values up in. */
export class Evidence {
  /** The words of all texts, one after another. */
  readonly words: readonly Word[]
  readonly numbers: readonly SaidNumber[]
  readonly squeezed: string
  readonly isEnglish: boolean
  readonly #distinct: ReadonlySet<string>
  readonly #readings: ReadonlySet<number>
  readonly #convertible: ReadonlySet<number>
  readonly #hasPercent: boolean

  constructor(texts: readonly string[]) {
    this.words = texts.flatMap((text) => wordsOf(`\n${text}`))
    this.#distinct = new Set(this.words.flatMap(({ text }) => [text, text.replace(/'s?$/, '')]))
    this.numbers = saidNumbers(this.words)
    this.#readings = new Set(this.numbers.flatMap(({ readings }) => readings))
    this.squeezed = texts.map(squeeze).join('\n')
    this.#hasPercent = texts.some((text) => text.includes('%'))
    this.isEnglish = texts.every(isEnglish)
    this.#convertible = new Set(this.numbers.filter((number) => isConvertible(number, this.words)).flatMap(({ readings }) => readings))
  }

  /** Whether one of some words stands in a text exactly so. */
  has(...words: readonly string[]): boolean {
    return words.some((word) => this.#distinct.has(word))
  }

  /** Whether a word of the texts passes. */
  some(test: (word: string) => boolean): boolean {
    for (const word of this.#distinct) if (test(word)) return true
    return false
  }

  /** Whether a word, a form of it or a misspelling of it is said. */
  hasWord(word: string): boolean {
    if (this.#distinct.has(word)) return true
    if (word.length >= 5 && this.squeezed.includes(word)) return true
    if (/^\d+$/.test(word)) return this.hasNumber(Number(word))
    return this.some((said) => areRelated(said, word))
  }

  /** Whether a number is said as it is, in digits or in words. */
  hasNumber(value: number): boolean {
    return this.#readings.has(value) || this.#readings.has(-value)
  }

  /**
   * Whether a number follows from what is said: as it is, in another unit, put together of two
   * (`an hour and a half`), or counted on from one (`ten more`, `twice as much`).
   */
  impliesNumber(value: number): boolean {
    if (this.hasNumber(value)) return true
    const readings = [...this.#convertible]
    const converted = new Set(readings)
    for (const factor of this.#factors()) {
      for (const reading of readings) converted.add(reading * factor).add(reading / factor)
    }
    for (const reading of readings) if (Math.abs(reading) < 1) converted.add(reading * 100)
    const isNear = (a: number) => Math.abs(Math.abs(a) - Math.abs(value)) <= Math.max(1e-6, Math.abs(value) * 0.006)
    for (const number of converted) if (isNear(number)) return true
    if (readings.length > MANY) return false
    const pairs = (test: (a: number, b: number) => boolean) => readings.some((a) => readings.some((b) => test(a, b)))
    if (this.some((word) => changes.has(word)) && pairs((a, b) => isNear(a + b) || (a !== b && isNear(a - b)))) return true
    return this.some((word) => multiples.has(word)) && pairs((a, b) => isNear(a * b))
  }

  /** Whether a number is an end of its range, or zero, and a word for such an end is said: `to the max`, `shut the blinds`. */
  impliesEnd(value: number, { minimum, maximum }: { minimum?: number; maximum?: number }): boolean {
    if (value === maximum && this.some((word) => highest.has(word))) return true
    return (value === 0 || value === minimum) && this.some((word) => lowest.has(word))
  }

  /** Whether a text asks for more or less of something, or for a multiple of it. */
  get saysChange(): boolean {
    return this.some((word) => changes.has(word) || multiples.has(word))
  }

  #factors(): number[] {
    const found = factors.filter(([, words]) => words.split(' ').some((word) => this.#distinct.has(word))).map(([factor]) => factor)
    return this.#hasPercent ? [...found, 100] : found
  }
}

/** An article counts only before a unit: `an hour` is 60 minutes, `a sample` is nothing. */
function isConvertible({ vague, start, end }: SaidNumber, words: readonly Word[]): boolean {
  return !vague || !isArticle(words[start]!.text) || unitAfter(words, end) !== undefined
}
