import type { Word } from './words.js'

/** What a unit counts, and how many of the smallest unit of its kind it holds. */
export interface Unit {
  kind: 'time' | 'length' | 'mass' | 'volume' | 'money'
  size: number
}

const sizes: readonly (readonly [kind: Unit['kind'], size: number, names: string])[] = [
  ['time', 0.001, 'ms msec millisecond milliseconds millis'],
  ['time', 1, 's sec secs second seconds'],
  ['time', 60, 'min mins minute minutes'],
  ['time', 3600, 'h hr hrs hour hours'],
  ['time', 86_400, 'd day days night nights'],
  ['time', 604_800, 'wk week weeks fortnight'],
  ['time', 2_629_800, 'month months'],
  ['time', 31_557_600, 'yr yrs year years'],
  ['length', 0.001, 'mm millimetre millimetres millimeter millimeters'],
  ['length', 0.01, 'cm centimetre centimetres centimeter centimeters'],
  ['length', 1, 'm metre metres meter meters'],
  ['length', 1000, 'km kilometre kilometres kilometer kilometers'],
  ['mass', 0.001, 'mg milligram milligrams'],
  ['mass', 1, 'g gram grams gramme grammes'],
  ['mass', 1000, 'kg kilo kilos kilogram kilograms'],
  ['mass', 1_000_000, 'tonne tonnes'],
  ['volume', 0.001, 'ml millilitre millilitres milliliter milliliters'],
  ['volume', 0.01, 'cl centilitre centilitres'],
  ['volume', 0.1, 'dl decilitre decilitres'],
  ['money', 0.01, 'cent cents pence'],
  ['money', 1, 'euro euros eur dollar dollars usd pound pounds quid bucks gbp'],
  ['volume', 1, 'l litre litres liter liters'],
]

const units: ReadonlyMap<string, Unit> = new Map(
  sizes.flatMap(([kind, size, names]) => names.split(' ').map((name) => [name, { kind, size }] as const)),
)

/** The unit that a folded word names. */
export function unitOf(word: string): Unit | undefined {
  return units.get(word.replace(/'s?$/, ''))
}

/** The unit after a number: `20 minutes`, `half an hour`, `a whole day`. */
export function unitAfter(words: readonly Word[], end: number): Unit | undefined {
  for (let i = end; i < end + 3; i++) {
    const word = words[i]
    if (!word || /[,.;!?]/.test(word.gap)) return undefined
    const unit = unitOf(word.text)
    if (unit || !/^(?:a|an|of|more|full|whole|good|extra|long|square)$/.test(word.text)) return unit
  }
  return undefined
}

/**
 * The unit that a parameter counts in, by the words of its name and its description. A single letter
 * is a unit at the end of a name alone: `height_m`.
 */
export function unitOfParameter(name: readonly string[], description: readonly string[]): Unit | undefined {
  const counted = name.includes('per') ? name.slice(0, name.indexOf('per')) : name
  const last = counted.length > 1 ? unitOf(counted.at(-1)!) : undefined
  if (last) return last
  for (const word of [...counted, ...description]) {
    const unit = word.length > 1 ? unitOf(word) : undefined
    if (unit) return unit
  }
  return undefined
}
