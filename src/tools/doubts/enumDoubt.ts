import type { Evidence } from './Evidence.js'
import { isStringGrounded } from './isStringGrounded.js'
import { areRelated, contentWords, nameWords } from './words.js'

/** Before a value, these say that another one is meant. */
const contrasts = new Set("not no isn't than without never don't dont except but".split(' '))

/**
 * Whether a value of a closed list is doubtful. Its words need not be said, for a synonym can't be
 * known (`cosy` for `warm`). It is doubtful when none of its words are said anywhere and the user's last
 * message names another value of the list, one that no other argument of the call holds.
 *
 * @param others what the call's other arguments hold.
 */
export function isEnumDoubtful(value: string, list: readonly unknown[], { all, last, others }: { all: Evidence; last: Evidence; others: readonly string[] }): boolean {
  const own = contentWords(nameWords(value))
  if (own.length === 0 || own.some((word) => all.hasWord(word)) || isStringGrounded(value, all)) return false
  const elsewhere = others.flatMap(nameWords)
  const named = last.words.flatMap(({ text }, i) => (last.words.slice(Math.max(0, i - 3), i).some((word) => contrasts.has(word.text)) ? [] : [text]))
  return list.some((candidate) => {
    if (typeof candidate !== 'string' || candidate === value) return false
    const words = contentWords(nameWords(candidate)).filter((word) => !own.includes(word))
    if (words.length === 0) return false
    return words.every((word) => word.length > 1 && named.some((said) => said === word || (word.length > 3 && areInflected(said, word))) && !elsewhere.some((other) => areRelated(other, word)))
  })
}

/** Forms of one word; unlike {@link areRelated}, no misspellings, so that `left` does not name `lift`. */
function areInflected(a: string, b: string): boolean {
  return areRelated(a, b) && (a.startsWith(b.slice(0, -1)) || b.startsWith(a.slice(0, -1)))
}
