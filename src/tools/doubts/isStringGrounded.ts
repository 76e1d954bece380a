import { isDateGrounded, isDateOrTime } from './dates.js'
import type { Evidence } from './Evidence.js'
import { contentWords, nameWords, squeeze } from './words.js'

/** Least share of a value's content words that the conversation must hold. */
const ENOUGH = 0.6

/**
 * Whether a text can be traced to the conversation: written there in any case and punctuation, or most
 * of its content words said, in any form and turn. Dates and times follow from date words; codes of
 * languages, countries and currencies from their English names.
 */
export function isStringGrounded(value: string, evidence: Evidence): boolean {
  if (isDateOrTime(value)) return isDateGrounded(value, evidence)
  const squeezed = squeeze(value)
  if (squeezed === '') return true
  if (squeezed.length >= 4 && evidence.squeezed.includes(squeezed)) return true
  const words = nameWords(value)
  if (words.length > 0 && words.every((word) => evidence.has(word))) return true
  if (/^-?\d+(?:\.\d+)?$/.test(value.trim()) && evidence.impliesNumber(Number(value))) return true
  if (isCodeGrounded(value, evidence)) return true
  const content = contentWords(words)
  if (content.length === 0) return true
  const said = content.filter((word) => evidence.hasWord(word)).length
  return said / content.length >= ENOUGH
}

/** `de` by `German`, `NO` by `Norway`, `EUR` by `euros`, `OSL` by `Oslo`. */
function isCodeGrounded(value: string, evidence: Evidence): boolean {
  const [language] = value.split(/[-_]/)
  if (!/^[A-Za-z]{2,4}(?:[-_][A-Za-z]{2})?$/.test(value)) return false
  for (const name of displayNames(language!)) {
    if (contentWords(nameWords(name)).some((word) => evidence.hasWord(word) || evidence.some((said) => said.length > 3 && said.slice(0, 4) === word.slice(0, 4)))) return true
  }
  if (language!.length === 2 && evidence.some((word) => word.length > 4 && word.startsWith(language!))) return true
  if (value !== value.toUpperCase()) return false
  const letters = squeeze(value)
  return evidence.some((word) => isAbbreviation(letters, word)) || initials(evidence).includes(letters)
}

function displayNames(code: string): string[] {
  const names: string[] = []
  for (const [type, spelled] of [['language', code.toLowerCase()], ['region', code.toUpperCase()], ['currency', code.toUpperCase()]] as const) {
    try {
      const name = new Intl.DisplayNames('en', { type, fallback: 'none' }).of(spelled)
      if (name !== undefined && name !== spelled) names.push(name)
    } catch {
      // Not a code of this type.
    }
  }
  return names
}

function isAbbreviation(letters: string, word: string): boolean {
  if (letters[0] !== word[0] || letters.length >= word.length) return false
  let i = 0
  for (const letter of word) if (letter === letters[i]) i++
  return i === letters.length
}

function initials(evidence: Evidence): string {
  return evidence.words.map(({ text }) => text[0]).join('')
}
