import { cardinalOf, isArticle, isVague, meaningsOf, scaleOf } from './numberWords.js'
import { unitOf } from './units.js'
import type { Word } from './words.js'

/** A number in a text. */
export interface SaidNumber {
  /** What it is most likely. */
  value: number
  /** Everything it may mean, `value` among it: `3 pm` is 3 and 15, `three fifty` is 3, 50 and 350. */
  readings: readonly number[]
  /** Index of its first word. */
  start: number
  /** Index after its last word. */
  end: number
  /** Word of the unit inside it: `kilo` in `a kilo and a half`. */
  unit?: string
  /** Whether it is said in passing: `a`, `one`, `both`, `March`. */
  vague?: true
}

/** The numbers of a text, in digits and in English words, in their order. */
export function saidNumbers(words: readonly Word[]): SaidNumber[] {
  const found: SaidNumber[] = []
  let i = 0
  while (i < words.length) {
    const number = digitsAt(words, i) ?? spelledAt(words, i)
    const previous = found.at(-1)
    const joined = number && previous ? join(previous, number, words) : undefined
    if (joined) found.splice(-1, 1, joined)
    else if (number) found.push(isNegative(words, number) ? negate(number) : number)
    i = number?.end ?? i + 1
  }
  return found
}

function digitsAt(words: readonly Word[], start: number): SaidNumber | undefined {
  let { text } = words[start]!
  if (!/^\d/.test(text)) return undefined
  let end = start + 1
  if (/^\d{1,3}$/.test(text)) while (words[end]?.gap === ' ' && /^\d{3}$/.test(words[end]!.text)) text += words[end++]!.text
  const parts = [...text.split(/\D/), ...words.slice(start, end).map((word) => word.text)].map(Number).filter((part) => !Number.isNaN(part))
  const readings = [...amounts(text), ...parts]
  if (words[start]!.gap.endsWith('.')) readings.unshift(Number(`0.${text.replace(/\D/g, '')}`))
  if (text.includes(':')) readings.push(parts[0]! * 60 + parts[1]!, parts[0]! + parts[1]! / 60)
  if (text.includes('/') && parts[1]) readings.push(parts[0]! / parts[1])
  let value = readings[0]!
  const next = words[end]
  const scale = next && /^ ?$/.test(next.gap) ? scaleOf(next.text) : undefined
  if (next && scale && (next.text.length > 1 || next.gap === '')) {
    readings.push(value * scale)
    if (next.text !== 'm') value *= scale
    if (next.text !== 'm') end++
  }
  if (next?.text === 'dozen') readings.push(value * 12)
  return { value, readings: withAfternoon([value, ...readings], words, start, end), start, end }
}

/** `1,500` is 1500 or 1.5; `2,5` is 2.5. */
function amounts(text: string): number[] {
  const digits = Number(text.replace(/\D/g, ''))
  if (/^\d{1,3}(?:[.,]\d{3})+$/.test(text)) return [digits, Number(text.replace(',', '.'))].filter((n) => !Number.isNaN(n))
  if (/^\d{1,3}(?:,\d{3})+\.\d+$/.test(text)) return [Number(text.replace(/,/g, ''))]
  if (/^\d+[.,]\d+$/.test(text)) return [Number(text.replace(',', '.'))]
  return [Number(/^\d+/.exec(text)![0]), digits]
}

/** An hour may be of the afternoon. */
function withAfternoon(readings: number[], words: readonly Word[], start: number, end: number): number[] {
  const around = [words[start - 1]?.text, words[end]?.text, words[end + 1]?.text].join(' ')
  const isHour = /\b(?:am|pm|p|at|o'clock|till|until|by|from|after|before|to)\b/.test(around)
  return isHour && readings[0]! <= 12 ? [...readings, readings[0]! + 12] : readings
}

/** A run of number words: `two hundred and fifty`, `nineteen eighty-four`, `zero point five`, `two dozen`. */
function spelledAt(words: readonly Word[], start: number): SaidNumber | undefined {
  let end = start
  let total = 0
  let group: number | undefined
  const pieces: number[] = []
  const close = () => {
    if (group !== undefined) pieces.push(group)
    group = undefined
  }
  for (; end < words.length; end++) {
    const { text: word, gap } = words[end]!
    if (end > start && /[.,;:!?()]/.test(gap)) break
    const unit = cardinalOf(word)
    const scale = word.length > 1 ? scaleOf(word) : undefined
    const next = cardinalOf(words[end + 1]?.text ?? '')
    if (unit !== undefined) {
      const joins = group === undefined || (group % 100 === 0 && group > 0) || (unit < 10 && unit > 0 && group % 10 === 0 && group % 100 >= 20)
      if (!joins) close()
      group = (group ?? 0) + unit
    } else if (scale) {
      if (scale === 100) group = (group ?? 1) * 100
      else {
        total += (group ?? 1) * scale
        group = undefined
      }
    } else if (word === 'point' && next !== undefined) {
      let digits = ''
      for (let digit: number | undefined = next; digit !== undefined; digit = cardinalOf(words[end + 1]?.text ?? '')) {
        digits += String(digit)
        end++
      }
      group = Number(`${group ?? 0}.${digits}`)
    } else if (word !== 'and' || end === start || next === undefined || (group === undefined ? total === 0 : group % 100 !== 0)) break
  }
  close()
  if (end === start) return meaningAt(words, start)
  const value = total + (pieces[0] ?? 0)
  const readings = [value, ...pieces]
  if (pieces.length > 1) readings.push(Number(pieces.join('')), sum(pieces), pieces[0]! * 60 + pieces[1]!, pieces[0]! + pieces[1]! / 100)
  const isDozen = words[end]?.text === 'dozen'
  if (isDozen) readings.push(value * 12)
  const main = isDozen ? value * 12 : pieces.length > 1 ? Number(pieces.join('')) : value
  const passing = end === start + 1 && isVague(words[start]!.text)
  return { value: main, readings: withAfternoon([value, ...readings, main], words, start, end), start, end: isDozen ? end + 1 : end, ...(passing && { vague: true as const }) }
}

function meaningAt(words: readonly Word[], start: number): SaidNumber | undefined {
  const word = words[start]!.text
  if (isArticle(word) && meaningsOf(words[start + 1]?.text ?? '') && words[start + 1]?.text !== 'a') return undefined
  const readings = meaningsOf(word)
  return readings && { value: readings[0]!, readings, start, end: start + 1, ...(isVague(word) && { vague: true as const }) }
}

/** Two numbers that are one: `six and a half`, `three quarters`, `a kilo and a half`, `two metres ten`, `an hour twenty`. */
function join(first: SaidNumber, second: SaidNumber, words: readonly Word[]): SaidNumber | undefined {
  const between = words.slice(first.end, second.start).map(({ text }) => text)
  const gaps = words.slice(first.end, second.start + 1).map(({ gap }) => gap)
  if (gaps.some((gap) => /[.,;:!?()]/.test(gap))) return undefined
  const { value: b } = second
  if (first.value === 0.5 && b === 12 && between.length === 1) return { start: first.start, end: second.end, value: 6, readings: [6] }
  const isFraction = b === 0.5 || b === 0.25 || b === 0.75
  const unit = between.find((word) => unitOf(word)) ?? between.find((word) => /^(?:euros?|pounds?|dollars?|quid|bucks?)$/.test(word))
  const rest = between.filter((word) => word !== unit && word !== 'and' && word !== 'a')
  if (rest.length > 0) return undefined
  const at = { start: first.start, end: second.end, ...(unit !== undefined && { unit }) }
  if (isFraction && between.length === 0 && !first.vague) {
    const value = first.value * b
    return { ...at, value, readings: [value, value * 100, value * 60, ...first.readings, ...second.readings] }
  }
  if (isFraction && between.includes('and')) {
    const value = first.value + b
    return { ...at, value, readings: [value, ...first.readings.map((reading) => reading + b), ...(unit === undefined ? [] : [value * 60, value * 1000, value * 100, value * 12])] }
  }
  if (unit === undefined || second.vague || (first.vague && !isArticle(words[first.start]!.text) && first.value !== 1)) return undefined
  const a = first.value
  const value = unitOf(unit)?.kind === 'time' ? a + b / 60 : a + b / (b < 100 ? 100 : 1000)
  return { ...at, value, readings: [value, a * 60 + b, a * 100 + b, a * 1000 + b, a * 24 + b, a * 7 + b, a + b / 100, a + b / 10, a + b / 60, a, b] }
}

/** `minus ten`, `-10`, `ten below zero`. */
function isNegative(words: readonly Word[], { start, end }: SaidNumber): boolean {
  const before = words[start - 1]?.text
  if (before === 'minus' || before === 'negative') return true
  if (words[end]?.text === 'below' || (words[end]?.text.startsWith('degree') && words[end + 1]?.text === 'below')) return true
  return /(?:^|[\s(,:=])[-−]$/.test(words[start]!.gap)
}

function negate(number: SaidNumber): SaidNumber {
  return { ...number, value: -number.value, readings: number.readings.map((reading) => -reading) }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}
