const small = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ')
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')

const spellings: Readonly<Record<string, string>> = {
  first: 'one', second: 'two', third: 'three', fourth: 'four', fifth: 'five', sixth: 'six', seventh: 'seven', eighth: 'eight', ninth: 'nine',
  twelfth: 'twelve', oh: 'zero', nought: 'zero', naught: 'zero', nil: 'zero', nineth: 'nine', fourty: 'forty', fourtieth: 'forty',
}

const scales: Readonly<Record<string, number>> = { hundred: 100, hundreds: 100, grand: 1000, thousand: 1000, thousands: 1000, k: 1000, million: 1e6, m: 1e6, billion: 1e9, ghz: 1e9, gigahertz: 1e9, mhz: 1e6, megahertz: 1e6, khz: 1000, kilohertz: 1000 }

/** Words that stand for numbers, the most likely meaning first. */
const meanings: Readonly<Record<string, readonly number[]>> = {
  half: [0.5, 50, 30, 180], halves: [0.5, 50], halfway: [0.5, 50], quarter: [0.25, 25, 15, 90], quarters: [0.25, 25, 15, 90], thirds: [1 / 3, 33],
  dozen: [12], dozens: [12], couple: [2], pair: [2], twice: [2], double: [2], doubled: [2], both: [2], duo: [2], thrice: [3], triple: [3], trio: [3],
  quadruple: [4], once: [1], single: [1], alone: [1], only: [1], latest: [1], newest: [1], last: [1], next: [1], past: [1], noon: [12], midday: [12], midnight: [0, 24],
  mute: [0], muted: [0], silent: [0], none: [0], fortnight: [2, 14], weekly: [7, 1], daily: [1], hourly: [1, 60], monthly: [30, 1], century: [100], decade: [10],
  weekend: [2], every: [1], each: [1], other: [2], fiver: [5], tenner: [10], binary: [2], octal: [8], decimal: [10], hex: [16], hexadecimal: [16], triangle: [3], square: [4, 2],
  cube: [3], pentagon: [5], hexagon: [6], heptagon: [7], octagon: [8], nonagon: [9], decagon: [10], octave: [12, 8], coin: [0.5], today: [0], upside: [180], right: [90], clockwise: [90],
  straight: [0, 90, -90], january: [1], february: [2], march: [3], april: [4], may: [5], june: [6], july: [7], august: [8], september: [9], october: [10], november: [11], december: [12],
}

/** Words above that are mostly said without a number in mind. */
const vague = new Set(
  (
    'a an one single once both couple pair alone only latest newest last next past every each other weekly daily monthly weekend even today upside right clockwise straight square cube ' +
    'binary octal decimal hex hexadecimal triangle pentagon hexagon heptagon octagon nonagon decagon octave coin second first noon midday midnight fortnight mute muted silent none ' +
    'january february march april may june july august september october november december'
  ).split(' '),
)

/** The value of a word below a hundred, cardinal or ordinal. */
export function cardinalOf(word: string): number | undefined {
  const named = Object.hasOwn(spellings, word) ? spellings[word]! : word
  const plain = named.replace(/(?:tieth|ties)$/, 'ty').replace(/(?<=teen|ten|eleven)th$/, '')
  const i = small.indexOf(plain)
  if (i >= 0) return i
  const j = tens.indexOf(plain)
  return j >= 0 ? (j + 2) * 10 : undefined
}

/** What a word multiplies the number before it with. */
export function scaleOf(word: string): number | undefined {
  return Object.hasOwn(scales, word) ? scales[word] : undefined
}

/** What a word that is no numeral may count, the most likely first. */
export function meaningsOf(word: string): readonly number[] | undefined {
  return Object.hasOwn(meanings, word) ? meanings[word] : isArticle(word) ? [1] : undefined
}

export function isVague(word: string): boolean {
  return vague.has(word)
}

export function isArticle(word: string): boolean {
  return word === 'a' || word === 'an'
}
