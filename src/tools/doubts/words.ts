/** A word of a text, folded: lower case, without diacritics. `gap` is what stands between it and the word before. */
export interface Word {
  text: string
  gap: string
}

/** Letters that Unicode does not take apart into a base and a mark. */
const letters: Readonly<Record<string, string>> = { ß: 'ss', ł: 'l', ø: 'o', đ: 'd', æ: 'ae', œ: 'oe', ı: 'i', '’': "'", '‘': "'", '⁄': '/' }

/** Text in lower case, without diacritics, with plain apostrophes. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[ßłøđæœı’‘⁄]/g, (letter) => letters[letter] ?? letter)
}

/** Words and digit runs of a text, folded. Digit runs keep the marks inside them: `18:30`, `1.5`, `2026-05-20`. */
export function wordsOf(text: string): Word[] {
  const folded = fold(text)
  const words: Word[] = []
  let end = 0
  for (const { 0: match, index } of folded.matchAll(/\d+(?:[.,:/-]\d+)*|[\p{L}]+(?:'[\p{L}]+)*/gu)) {
    words.push({ text: match, gap: folded.slice(end, index) })
    end = index + match.length
  }
  return words
}

/** The words of a name or an identifier: `setBedTemp`, `left_half` and `Left half` alike. */
export function nameWords(name: string): string[] {
  return wordsOf(name.replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2').replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')).map(({ text }) => text)
}

/** Letters and digits alone, to compare what spaces and punctuation separate differently. */
export function squeeze(text: string): string {
  return fold(text).replace(/[^\p{L}\p{N}]/gu, '')
}

const fillers = new Set(
  (
    'a an the of to in on at by for from with and or but is are be was were am it its this that these those i me my mine we our us you your he him his ' +
    'she her they them their do does did as so if then than up out off into over per not no s t de la le les el los las der die das und y et e o'
  ).split(' '),
)

/** Words that carry meaning; all words where none does. */
export function contentWords(words: readonly string[]): string[] {
  const content = words.filter((word) => !fillers.has(word))
  return content.length > 0 ? content : [...words]
}

/**
 * Whether two folded words are forms of one, or one is the other misspelt: `dim` and `dimming`, `baking`
 * and `bake`, `chemistry` and `chemical`, `Przemek` and `Przemk`.
 */
export function areRelated(a: string, b: string): boolean {
  if (a === b) return true
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  if (short.length < 3 || /\d/.test(short + long)) return false
  let shared = 0
  while (shared < short.length && short[shared] === long[shared]) shared++
  if (shared === short.length && long.length - short.length <= 4) return true
  if (shared >= 4 && shared >= long.length * 0.6) return true
  if (shared >= 3 && shared >= short.length - 1 && isSuffix(short.slice(shared)) && isSuffix(long.slice(shared))) return true
  return short.length >= 5 && isOneEditAway(short, long)
}

function isSuffix(ending: string): boolean {
  return /^(?:e|y|s|es|ed|d|er|ers|or|ing|ies|ied|ier|ly|al|ion|ions)?$/.test(ending)
}

/** One letter more, fewer or other, or two neighbours swapped. */
function isOneEditAway(short: string, long: string): boolean {
  if (long.length - short.length > 1) return false
  let start = 0
  while (start < short.length && short[start] === long[start]) start++
  if (short.length < long.length) return short.slice(start) === long.slice(start + 1)
  if (short.slice(start + 1) === long.slice(start + 1)) return true
  return short[start] === long[start + 1] && short[start + 1] === long[start] && short.slice(start + 2) === long.slice(start + 2)
}

const english = new Set(
  (
    'the an is are was were be been am it that this these those what which who how when where why and or but so if then of to at by for from with my your our his her ' +
    'their its them you we they he she does did not please can could would should will have has had get make set turn put give show let one all any some just now ' +
    "up down off out into over it's i'm don't dont can't there there's i'll i've we're that's let's thanks"
  ).split(' '),
)
const foreign = new Set(
  (
    'der die das den dem ein eine einen ist sind und nicht bitte mit auf fur von zum zur auch mal noch ich wir mein meine im am kein keine doch lass uhr um ' +
    'le la les un une des du est et pas au aux je nous mon ma mes pour avec sur dans que qui ne en ce cette moi stp mets deux de d ' +
    'el los las una del y por para con lo mi que su se al favor pon ponme ' +
    'os uma nao ao ate meu minha com coloca às ' +
    'il gli uno dei della nel per non di che sono alla dal metti mio mia ho ' +
    'nie na w z jest prosze sie moje ten ta od po dla juz teraz het een de niet op naar zet'
  ).split(' '),
)

/** Whether a text is English, as far as its small words and letters show; a text without any sign counts as English. */
export function isEnglish(text: string): boolean {
  let balance = 0
  for (const { text: word } of wordsOf(text)) balance += (english.has(word) ? 1 : 0) - (foreign.has(word) ? 1 : 0)
  // Marked letters in common words; a name with them is as good in English.
  for (const word of text.normalize('NFC').match(/(?<![\p{L}\p{N}])\p{Ll}+/gu) ?? []) if (/[^\x00-\x7f]/.test(word)) balance--
  return balance >= 0
}
