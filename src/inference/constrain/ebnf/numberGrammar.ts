import { choice, literal, nothing, repeat, sequence } from './RuleBook.js'

/** Digits that a double holds exactly. */
const MAX_DIGITS = 15

/** Bounds of a number, inclusive; undefined: none. */
export interface NumberBounds {
  min: number | undefined
  max: number | undefined
}

const anyFraction = `("." ${digits(1, MAX_DIGITS)})?`

/** Whole numbers within bounds. Bounds beyond 15 digits are left to validation. */
export function integerGrammar({ min, max }: NumberBounds): string {
  const limit = 10 ** MAX_DIGITS - 1
  const least = Math.max(Math.ceil(min ?? -limit), -limit)
  const most = Math.min(Math.floor(max ?? limit), limit)
  if (least > most) return integerGrammar({ min: undefined, max: undefined })
  const options: string[] = []
  if (most >= 0) options.push(naturals(Math.max(least, 0), most))
  if (least < 0) options.push(sequence(['"-"', naturals(Math.max(-most, 1), -least)]))
  return choice(options)
}

/** Decimal numbers within bounds. With bounds there is no exponent; bounds that need one are left to validation. */
export function decimalGrammar({ min, max }: NumberBounds): string {
  const [low, high] = [decimal(min), decimal(max)]
  const isPlain = (min === undefined) === (low === undefined) && (max === undefined) === (high === undefined)
  const bounded = min !== undefined || max !== undefined
  if (!bounded || !isPlain || (min ?? -Infinity) > (max ?? Infinity)) {
    const exponent = `([eE] [+\\-]? ${digits(1, 2)})?`
    return sequence(['"-"?', naturals(0, 10 ** MAX_DIGITS - 1), anyFraction, exponent])
  }
  const options: string[] = []
  const zero: Decimal = { whole: 0, fraction: '' }
  if ((max ?? 1) >= 0) options.push(magnitudes((min ?? -1) > 0 ? low! : zero, high))
  if ((min ?? -1) < 0) options.push(sequence(['"-"', magnitudes((max ?? 1) < 0 ? high! : zero, low)]))
  return choice(options)
}

/** A number without its sign. */
interface Decimal {
  whole: number
  fraction: string
}

function decimal(value: number | undefined): Decimal | undefined {
  const match = /^-?(\d{1,15})(?:\.(\d+))?$/.exec(String(value))
  return match ? { whole: Number(match[1]), fraction: match[2] ?? '' } : undefined
}

function magnitudes(low: Decimal, high: Decimal | undefined): string {
  if (high !== undefined && low.whole === high.whole) {
    const length = Math.max(low.fraction.length, high.fraction.length)
    const [from, to] = [low.fraction.padEnd(length, '0'), high.fraction.padEnd(length, '0')]
    const fraction = length === 0 ? '"0"' : between(from, to)
    return sequence([literal(String(low.whole)), isZeros(from) ? `("." ${fraction})?` : sequence(['"."', fraction])])
  }
  const options = [sequence([literal(String(low.whole)), low.fraction === '' ? anyFraction : sequence(['"."', atLeast(low.fraction)])])]
  const most = high === undefined ? 10 ** MAX_DIGITS - 1 : high.whole - 1
  if (low.whole + 1 <= most) options.push(sequence([naturals(low.whole + 1, most), anyFraction]))
  if (high !== undefined) options.push(sequence([literal(String(high.whole)), `("." ${high.fraction === '' ? '"0"' : atMost(high.fraction)})?`]))
  return choice(options)
}

/** Fraction digits that are no less than `bound`. */
function atLeast(bound: string): string {
  if (isZeros(bound)) return bound === '' ? digits(0, MAX_DIGITS) : digits(1, MAX_DIGITS)
  const first = Number(bound[0])
  const options = [sequence([literal(bound[0]!), atLeast(bound.slice(1))])]
  if (first < 9) options.push(sequence([digit(first + 1, 9), digits(0, MAX_DIGITS - 1)]))
  return choice(options)
}

/** Fraction digits, at least one, that are no more than `bound`. */
function atMost(bound: string): string {
  const first = Number(bound[0])
  const rest = bound.slice(1)
  const options = [sequence([literal(bound[0]!), rest === '' ? nothing : `(${atMost(rest)})?`])]
  if (first > 0) options.push(sequence([digit(0, first - 1), digits(0, MAX_DIGITS - 1)]))
  return choice(options)
}

/** Fraction digits between two bounds of one length. */
function between(from: string, to: string): string {
  if (from === '') return nothing
  const [low, high] = [Number(from[0]), Number(to[0])]
  if (low === high) {
    const rest = between(from.slice(1), to.slice(1))
    const optional = rest !== nothing && isZeros(from.slice(1))
    return sequence([literal(from[0]!), optional ? `(${rest})?` : rest])
  }
  const options = [sequence([literal(from[0]!), atLeast(from.slice(1))])]
  if (low + 1 < high) options.push(sequence([digit(low + 1, high - 1), digits(0, MAX_DIGITS - 1)]))
  const rest = to.slice(1)
  options.push(sequence([literal(to[0]!), rest === '' ? nothing : `(${atMost(rest)})?`]))
  return choice(options)
}

/** Whole numbers from `least` to `most`, both at least 0, without leading zeros. */
function naturals(least: number, most: number): string {
  const options: string[] = []
  const [low, high] = [String(least), String(most)]
  if (low.length === high.length) return sameLength(low, high)
  options.push(sameLength(low, '9'.repeat(low.length)))
  if (low.length + 1 < high.length || isNines(high)) {
    const last = isNines(high) ? high.length : high.length - 1
    options.push(sequence(['[1-9]', digits(low.length, last - 1)]))
  }
  if (!isNines(high)) options.push(sameLength(`1${'0'.repeat(high.length - 1)}`, high))
  return choice(options)
}

function sameLength(low: string, high: string): string {
  if (low === '') return nothing
  if (isZeros(low) && isNines(high)) return digits(low.length, low.length)
  const [first, last] = [Number(low[0]), Number(high[0])]
  const [lowRest, highRest] = [low.slice(1), high.slice(1)]
  if (first === last) return sequence([literal(low[0]!), sameLength(lowRest, highRest)])
  const options: string[] = []
  const from = isZeros(lowRest) ? first : first + 1
  const to = isNines(highRest) ? last : last - 1
  if (from > first) options.push(sequence([literal(low[0]!), sameLength(lowRest, '9'.repeat(lowRest.length))]))
  if (from <= to) options.push(sequence([digit(from, to), digits(lowRest.length, lowRest.length)]))
  if (to < last) options.push(sequence([literal(high[0]!), sameLength('0'.repeat(highRest.length), highRest)]))
  return choice(options)
}

function digit(from: number, to: number): string {
  return from === to ? literal(String(from)) : `[${from}-${to}]`
}

function digits(min: number, max: number): string {
  return repeat('[0-9]', min, max)
}

function isZeros(text: string): boolean {
  return /^0*$/.test(text)
}

function isNines(text: string): boolean {
  return /^9*$/.test(text)
}
